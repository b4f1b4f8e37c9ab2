using System;
using System.IO;
using System.Text.Json;
using System.Threading;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

/// <summary>The verbs export and import: what they refuse, what they say, and that they leave nothing half done.</summary>
[Trait("System", "Linux")]
public class ExportImport
{
    [Fact]
    public void What_is_not_there_is_66()
    {
        using var box = new Box();
        box.Run("export", "v").Refused(66, "v");
        box.Run("create", "v").Ok();
        box.Run("export", "w", "-o", "x").Refused(66, "w");
        box.Run("export", "v@none", "-o", "x").Refused(66, "v@none");
        box.Run("import", "w", "nowhere.tar").Refused(66, "nowhere.tar");
        Assert.False(File.Exists(box.Top + "/x"));
    }

    [Fact]
    public void An_import_never_overwrites()
    {
        using var box = new Box();
        box.Run("create", "v").Ok();
        box.Run("export", "v", "-o", "v.tar").Ok();
        box.Run("import", "v", "v.tar").Refused(73, "--into");
        box.Run("import", "w", "v.tar", "--resume").Refused(64, "tar archive");
        Sys.Write(box.Data("v") + "/x", []);
        box.Run("import", "--into", "v", "v.tar").Refused(73, "not empty");
        box.Run("import", "--into", "w", "v.tar").Refused(66, "w");
        Assert.Equal(["x"], Sys.List(box.Data("v")));
    }

    [Fact]
    public void Into_an_empty_volume_keeps_its_labels_and_its_chosen_owner()
    {
        using var box = new Box();
        box.Run("create", "v", "-l", "a=b", "--owner", "7:8", "--mode", "0711").Ok();
        box.Run("create", "w").Ok();
        new Tree(new Text("f")).Build(box.Data("w"));
        box.Run("export", "w", "-o", "w.tar").Ok();
        box.Run("import", "--into", "v", "w.tar").Ok();
        var top = Sys.Stat(box.Data("v"));
        Assert.Equal((7u, 8u, Convert.ToInt32("711", 8)), (top.Uid, top.Gid, top.Mode));
        var inspected = box.Inspect("v");
        Assert.Equal(("b", "ready"),
            (inspected.GetProperty("labels").GetProperty("a").GetString(), inspected.GetProperty("state").GetString()));
        Assert.EndsWith("w.tar", inspected.GetProperty("seed").GetProperty("source").GetString());
    }

    [Fact]
    public void Into_a_mounted_volume_is_refused()
    {
        using var box = new Box();
        box.MakeDir("root/data");
        box.Mount("v:/data").Ok();
        box.Shell("tar -cf x.tar -C / etc/hostname").Ok();
        box.Run("import", "--into", "v", "x.tar").Refused(75, "mounted");
    }

    [Theory]
    [InlineData("gzip -c", "gzip")]
    [InlineData("xz -c", "xz")]
    [InlineData("bzip2 -c", "bzip2")]
    public void A_compressed_archive_is_named_with_the_pipe_to_use(string packer, string program)
    {
        using var box = new Box();
        box.Shell($"tar -cf - -C / etc/hostname | {packer} >x").Ok();
        box.Run("import", "v", "x").Refused(65, program + " -dc");
        Assert.False(Sys.Exists(box.Store));
    }

    [Theory]
    [InlineData(1, "ZFS stream")]
    [InlineData(2, "zfs receive")]
    public void A_zfs_stream_is_refused_by_a_directory(int kind, string words)
    {
        using var box = new Box();
        foreach (var swapped in (bool[])[false, true])
        {
            var head = new byte[512];
            byte[] magic = [0xac, 0xcb, 0xba, 0xf5, 0x02, 0, 0, 0], version = [(byte)kind, 0, 0, 0, 0, 0, 0, 0];
            if (swapped)
            {
                Array.Reverse(magic);
                Array.Reverse(version);
            }

            magic.CopyTo(head, 8);
            version.CopyTo(head, 16);
            File.WriteAllBytes(box.Top + "/x", head);
            box.Run("import", "v", "x").Refused(69, words);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("hello\n")]
    public void What_is_no_archive_is_65(string text)
    {
        using var box = new Box();
        box.MakeFile("x", text);
        box.Run("import", "v", "x").Refused(65, "x");
        box.Shell("\"$KVOL\" import v </dev/null").Refused(65, "standard input");
        Assert.False(Sys.Exists(box.Store));
    }

    [Fact]
    public void An_empty_archive_is_an_empty_volume()
    {
        using var box = new Box();
        box.Shell("tar -cf - -T /dev/null | \"$KVOL\" import v").Ok();
        Assert.Equal("empty", box.Inspect("v").GetProperty("state").GetString());
    }

    [Fact]
    public void A_terminal_gets_no_archive()
    {
        using var box = new Box();
        box.Run("create", "v").Ok();
        Assert.Contains("to a terminal", box.Shell("script -qec '\"$KVOL\" export v' /dev/null; exit 0").Out);
        Assert.Equal(64, box.Shell("script -qec '\"$KVOL\" export v >/dev/tty' /dev/null").Exit);
        box.Run("export", "v", "--json").Refused(64, "-o");
        box.Run("export", "v", "--format", "zip").Refused(64, "zip");
        box.Run("export", "v", "--format", "zfs").Refused(69, "tar");
        box.Shell("\"$KVOL\" export v@a --format zfs --since - </dev/null").Refused(69, "no datasets", "tar");
        box.Shell("\"$KVOL\" export v@a --since - </dev/null").Refused(64, "--since", "zfs");
    }

    [Fact]
    public void The_file_is_there_when_it_is_complete_and_not_before()
    {
        using var box = new Box();
        box.Run("create", "v").Ok();
        new Tree(new Noise("f", 1_000_000)).Build(box.Data("v"));
        var file = box.MakeFile("out.tar", "old");
        box.Shell("ulimit -f 100; trap '' XFSZ; \"$KVOL\" export v -o out.tar");
        Assert.Equal("old", File.ReadAllText(file));
        Assert.DoesNotContain(".out.tar.kvol-new", Sys.List(box.Top));
        box.Run("export", "v", "-o", "out.tar").Ok();
        Assert.True(new FileInfo(file).Length > 1_000_000);
        Assert.Equal(Convert.ToInt32("600", 8), Sys.Stat(file).Mode);
        box.Run("export", "v", "-o", "/dev/null").Ok();
        box.Run("export", "v", "-o", "no/such/dir").Refused(73, "no/such/dir");
        box.Run("export", "v", "-o", box.Top).Refused(73, "directory");
    }

    [Fact]
    public void A_volume_mounted_for_writing_is_exported_with_a_warning()
    {
        using var box = new Box();
        box.MakeDir("root/data");
        box.Mount("v:/data").Ok();
        Assert.Contains("mounted writable", box.Run("export", "v", "-o", "x").Ok().Err);
        box.Umount().Ok();
        box.Mount("v:/data:ro").Ok();
        Assert.Equal(string.Empty, box.Run("export", "v", "-o", "x").Ok().Err);
    }

    [Fact]
    public void Sockets_and_mounts_inside_are_told_and_left_out()
    {
        using var box = new Box();
        box.Run("create", "v").Ok();
        new Tree(new Special("socket", Kind.Socket), new Dir("m"), new Text("f")).Build(box.Data("v"));
        Sys.BindMount("/etc", box.Data("v") + "/m");
        var result = box.Run("export", "v", "-o", "x", "--json").Ok();
        Assert.Contains("socket", result.Err);
        Assert.Equal(2, JsonDocument.Parse(result.Out).RootElement.GetProperty("not_kept").GetArrayLength());
        Assert.Equal("./\n./f\n./m/\n", box.Shell("tar -tf x").Ok().Out);
    }

    [Fact]
    public void A_file_that_changes_while_it_is_read_keeps_the_archive_whole_and_is_told()
    {
        using var box = new Box();
        box.Run("create", "v").Ok();
        new Tree(new Noise("a", 8 << 20), new Noise("b", 8 << 20), new Noise("c", 1 << 20)).Build(box.Data("v"));
        // The pipe holds less than the first file: kvol waits in the middle of it.
        using var export = box.StartShell(
            "\"$KVOL\" export v | { head -c 100000; : >go; while ! [ -e on ]; do sleep 0.01; done; cat; } >x.tar; exit ${PIPESTATUS[0]}");
        while (!File.Exists(box.Top + "/go"))
        {
            Thread.Sleep(5);
        }

        Sys.Write(box.Data("v") + "/a", [1]);
        File.Delete(box.Data("v") + "/c");
        File.WriteAllText(box.Top + "/on", "");
        var result = export.Wait();
        Assert.Equal(1, result.Exit);
        Assert.Contains("a: was shortened", result.Err);
        Assert.Contains("c: vanished", result.Err);
        box.Run("import", "w", "x.tar").Ok();
        Assert.Equal(8 << 20, Sys.Stat(box.Data("w") + "/a").Size);
    }

    [Fact]
    public void An_interrupted_import_leaves_nothing_even_while_nothing_comes()
    {
        using var box = new Box();
        box.Run("create", "v").Ok();
        new Tree(new Noise("a", 1 << 20)).Build(box.Data("v"));
        box.Run("export", "v", "-o", "v.tar").Ok();
        using var import = box.StartShell("{ head -c 500000 v.tar; sleep 100; } | { \"$KVOL\" import w & echo $! >pid; wait $!; }");
        while (!Sys.Exists(box.Store + "/volumes/.new-w/data/a"))
        {
            Thread.Sleep(5);
        }

        box.Shell("kill -TERM $(cat pid)").Ok();
        while (Sys.Exists(box.Store + "/volumes/.new-w"))
        {
            Thread.Sleep(5);
        }

        Assert.Equal(["v"], box.Volumes);
    }

    [Fact]
    public void A_killed_import_is_cleared_by_the_next()
    {
        using var box = new Box();
        box.Run("create", "v").Ok();
        new Tree(new Noise("a", 1 << 20)).Build(box.Data("v"));
        box.Run("export", "v", "-o", "v.tar").Ok();
        using var import = box.StartShell("{ head -c 500000 v.tar; sleep 100; } | { \"$KVOL\" import w & echo $! >pid; wait $!; }");
        while (!Sys.Exists(box.Store + "/volumes/.new-w/data/a"))
        {
            Thread.Sleep(5);
        }

        box.Shell("kill -KILL $(cat pid)").Ok();
        Assert.Equal(["v"], box.Volumes);
        box.Run("import", "w", "v.tar").Ok();
        Manifest.Of(box.Data("v")).MustEqual(Manifest.Of(box.Data("w")));
    }
}
