using System;
using System.IO;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

/// <summary>Where the file system takes two names for one, the first member keeps its place and the second is listed.</summary>
[Trait("System", "Linux")]
public class HostileArchivesOneName
{
    [Fact]
    public void The_second_of_two_names_that_are_one_is_refused_and_listed()
    {
        using var disk = new Folding();
        var tar = new TarBytes().Add("readme", content: "first").Add("README", content: "second").Add("Dir/", '5',
            mode: 0b111_000_000).Add("Dir/f",
            content: "1").Add("DIR/", '5', mode: 0b111_111_111)
            .Add("DIR/f", content: "2").Add("dir/g", content: "3").Add("l", '2', link: "x").Add("L", '2', link: "y").Add("h", '1',
                link: "README").Add("readme", content: "again");
        File.WriteAllBytes(disk.Box.Top + "/x.tar", tar.End());
        var result = disk.Box.Run("import", "v", "x.tar", "--json");
        Assert.Equal(1, result.Exit);
        Assert.Equal(
            ["README", "DIR/", "DIR/f", "dir/g", "L", "h"],
            JsonDocument.Parse(result.Out).RootElement.GetProperty("not_taken").EnumerateArray().Select(l =>
                l.GetString()!.Split(": ")[0]));
        Assert.Contains("README: has the same name on this file system as 'readme'", result.Err, StringComparison.Ordinal);
        Assert.Equal(["Dir", "l", "readme"], Sys.List(disk.Data("v")));
        Assert.Equal(("again", "1"), (File.ReadAllText(disk.Data("v") + "/readme"), File.ReadAllText(disk.Data("v") + "/Dir/f")));
        Assert.Equal(0b111_000_000, Sys.Stat(disk.Data("v") + "/Dir").Mode);
    }

    [Fact]
    public void Names_that_differ_are_all_taken_there()
    {
        using var disk = new Folding();
        disk.Box.Run("create", "v").Ok();
        new Tree(new Dir("a"), new Text("a/b"), new Text("a/c", "x"), new HardLink("a/d", "a/c"),
            new Link("e", "a/b")).Build(disk.Data("v"));
        disk.Box.Shell("\"$KVOL\" export v -o x.tar && \"$KVOL\" import w x.tar").Ok();
        Manifest.Of(disk.Data("v")).MustEqual(Manifest.Of(disk.Data("w")));
    }

    /// <summary>A store on a file system that knows no case.</summary>
    private sealed class Folding : IDisposable
    {
        private readonly string mount;

        public Folding([CallerFilePath] string here = "")
        {
            var program = Box.Top + "/foldfs";
            Tool.Run("sh", "-c",
                $"cc -D_GNU_SOURCE -O1 -o {program} {Path.GetDirectoryName(here)}/Support/foldfs.c $(pkg-config --cflags --libs fuse3)");
            mount = Box.MakeDir("folding");
            Tool.Run(program, Box.MakeDir("backing"), mount, "-o", "default_permissions,allow_other,suid,dev");
            Box.Environment["KVOL_ROOT"] = mount + "/store";
        }

        public Box Box { get; } = new();

        public string Data(string volume) => $"{mount}/store/volumes/{volume}/data";

        public void Dispose()
        {
            Tool.Run("umount", mount);
            Box.Dispose();
        }
    }
}
