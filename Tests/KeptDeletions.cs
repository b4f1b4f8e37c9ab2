using System;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Text.RegularExpressions;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

/// <summary>A volume that was deleted with --keep comes back as it was.</summary>
public class KeptDeletions
{
    [Fact]
    public void It_comes_back_as_it_was()
    {
        using var box = new Box();
        box.Run("create", "v", "-l", "a=b").Ok();
        new Tree(new Text("f"), new Times("f", 5, 5)).Build(box.Data("v"));
        var (before, metadata) = (Manifest.Of(box.Data("v")), File.ReadAllText(box.Metadata("v")));
        Assert.Equal("v\n", box.Run("rm", "--keep", "3600", "v").Ok().Out);
        Assert.Empty(box.Volumes);
        Assert.Equal(Convert.ToInt32("700", 8), Sys.Stat(box.Store + "/deleted").Mode);
        var listed = JsonDocument.Parse(box.Run("ls", "--deleted", "--json").Ok().Out).RootElement[0];
        Assert.Equal("v", listed.GetProperty("name").GetString());
        Assert.Equal(3600, (listed.GetProperty("kept_until").GetDateTimeOffset() - listed.GetProperty("deleted")
            .GetDateTimeOffset()).TotalSeconds);
        Assert.Equal("v\n", box.Run("undelete", "v").Ok().Out);
        before.MustEqual(Manifest.Of(box.Data("v")));
        Assert.Equal(metadata, File.ReadAllText(box.Metadata("v")));
        Assert.Equal(string.Empty, box.Run("ls", "--deleted", "-q").Ok().Out);
    }

    [Fact]
    public void The_last_one_of_a_name_comes_back_or_the_one_with_the_id()
    {
        using var box = new Box();
        foreach (var text in (string[])["1", "2", "3"])
        {
            box.Run("create", "v").Ok();
            new Tree(new Text(text)).Build(box.Data("v"));
            box.Run("rm", "--keep", "3600", "v").Ok();
        }

        var first = box.Run("ls", "--deleted", "-H").Ok().Lines[0].Split('\t')[1];
        box.Run("undelete", "v").Ok();
        Assert.Equal(["3"], Sys.List(box.Data("v")));
        box.Run("undelete", first).Refused(73, "v");
        box.Run("rename", "v", "w").Ok();
        box.Run("undelete", first).Ok();
        Assert.Equal(["1"], Sys.List(box.Data("v")));
        Assert.Single(box.Run("ls", "--deleted", "-q").Ok().Lines);
        box.Run("undelete", "none").Refused(66, "ls --deleted");
    }

    [Fact]
    public void A_mounted_one_is_not_deleted_and_f_unmounts_it()
    {
        using var box = new Box();
        box.MakeDir("root/a");
        box.Mount("v:/a").Ok();
        box.Run("rm", "--keep", "10", "v").Refused(75, box.Root + "/a");
        box.Run("rm", "-f", "--keep", "10", "v").Ok();
        Assert.Empty(box.Mounts);
    }

    [Fact]
    public void What_makes_no_sense_is_refused()
    {
        using var box = new Box();
        box.Run("create", "v").Ok();
        box.Run("rm", "--keep", "-1", "v").Refused(64, "--keep");
        box.Run("rm", "--keep", "nan", "v").Refused(64);
        box.Run("rm", "--keep", "1", "none").Refused(66, "none");
        box.Run("ls", "--deleted", "-t", "snapshot").Refused(64, "--type", "--deleted");
        Assert.Equal(["v"], box.Volumes);
    }

    [Fact]
    public void A_damaged_one_is_told_and_does_not_hide_the_others()
    {
        using var box = new Box();
        box.Run("create", "v").Ok();
        box.Run("create", "w").Ok();
        box.Run("rm", "--keep", "3600", "v", "w").Ok();
        var id = box.Run("ls", "--deleted", "-H").Ok().Lines[0].Split('\t')[1];
        File.WriteAllText($"{box.Store}/deleted/{id}/volume.json", "{");
        var result = box.Run("ls", "--deleted", "-q");
        Assert.Equal((65, "w\n"), (result.Exit, result.Out));
        box.Run("undelete", "w").Ok();
        Assert.True(Sys.Exists($"{box.Store}/deleted/{id}/data"));
    }

    [Fact]
    public void Gc_ends_those_whose_time_is_past_and_no_others()
    {
        using var box = new Box();
        box.Run("create", "past").Ok();
        box.Run("create", "kept").Ok();
        box.Run("create", "mounted").Ok();
        box.Run("create", "back").Ok();
        box.Run("rm", "--keep", "0", "past", "mounted", "back").Ok();
        box.Run("rm", "--keep", "3600", "kept").Ok();
        var ids = box.Run("ls", "--deleted", "-H").Ok().Lines.Select(l => l.Split('\t')).ToDictionary(f => f[0], f => f[1]);
        // The clock went back: what was deleted in the future is of a time that nobody knows.
        var file = $"{box.Store}/deleted/{ids["back"]}/volume.json";
        File.WriteAllText(file, Regex.Replace(File.ReadAllText(file), "\"at\": \"20", "\"at\": \"29"));
        Sys.BindMount($"{box.Store}/deleted/{ids["mounted"]}/data", box.MakeDir("there"));
        Assert.Contains("past", box.Run("gc", "-n").Ok().Out);
        Assert.Equal(4, Sys.List(box.Store + "/deleted").Count);
        Assert.Equal("past", Assert.Single(box.Run("gc").Ok().Lines).Split(':')[0]);
        Assert.Equal(["back", "kept", "mounted"], box.Run("ls", "--deleted", "-q").Ok().Lines.Order());
        Assert.Empty(Sys.List(box.Store + "/volumes"));
        Sys.Unmount(box.Top + "/there");
        Assert.Contains("mounted", box.Run("gc").Ok().Out);
        Assert.Equal(2, Sys.List(box.Store + "/deleted").Count);
    }
}
