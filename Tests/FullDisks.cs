using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

/// <summary>Where a file system is full, read-only or broken, the message names the volume, the file system and the way out, and nothing is
/// left behind.</summary>
[Trait("System", "Linux")]
public class FullDisks
{
    public static TheoryData<string> Writers =>
        ["mount R b:/data", "attach j R b:/data", "create b", "seed b T/root/data", "clone v b", "import b T/run/v.tar", "set b label.a=b"];

    [Theory]
    [MemberData(nameof(Writers))]
    public void On_a_full_store_the_volume_the_file_system_and_the_way_out_are_named(string command)
    {
        using var box = Prepared(out var disk, command);
        File.WriteAllBytes(disk + "/fill", []);
        Fill(disk);
        var before = Names(box);
        var words = Words(box, command);
        box.Run(words).Refused(73, "kvol: b: ", $"the file system on {disk} (tmpfs)", "No space left on device", "free space",
            "nothing was left behind");
        Assert.Equal(before, Names(box));
        File.Delete(disk + "/fill");
        box.Run(words).Ok();
    }

    [Theory]
    [InlineData("EDQUOT", 73, "has no room left (Disk quota exceeded)", "kvol set b quota=SIZE")]
    [InlineData("EROFS", 73, "is read-only", "make it writable")]
    [InlineData("EIO", 71, "(Input/output error)", "dmesg")]
    [InlineData("EMFILE", 71, "too many open files", "ulimit -n")]
    public void Every_failure_of_a_file_system_is_told_in_the_same_way(string error, int status, string what, string wayOut)
    {
        using var box = new Box();
        new Tree(new Text("f", "x")).Build(box.MakeDir("src"));
        box.Run("create", "b").Ok();
        using var child = new Running("strace", ["-f", "-qq", "-o", "/dev/null", "-e", "trace=copy_file_range,pwrite64,mkdirat", "-e",
            $"inject=mkdirat:error={error}:when=1", Box.Binary, "seed", "b", box.Top + "/src"], box.Environment, box.Top);
        var result = child.Wait().Refused(status, what, wayOut);
        if (error != "EMFILE")
        {
            Assert.StartsWith("kvol: b: the file system on ", result.Err, StringComparison.Ordinal);
        }

        Assert.Equal(error == "EIO", result.Err.Contains("/.seeding", StringComparison.Ordinal));
        box.Run("seed", "b", box.Top + "/src").Ok();
    }

    [Fact]
    public void An_export_to_a_full_file_system_names_that_one_and_leaves_no_file()
    {
        using var box = Prepared(out var disk, "export");
        var target = box.MakeDir("target");
        Sys.Mount("tmpfs", target, "tmpfs", 0, "size=64k");
        box.Run("export", "v", "-o", target + "/v.tar").Refused(73, "kvol: v: ", $"the file system on {target} (tmpfs)", "free space");
        Assert.Empty(Sys.List(target));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(16)]
    [InlineData(39)]
    public void With_too_few_descriptors_every_command_says_so_before_it_begins(int limit)
    {
        using var box = new Box();
        box.MakeDir("root/data");
        box.Run("create", "v").Ok();
        var before = box.State();
        string[][] commands = [["ls"], ["create", "w"], ["mount", box.Root, "w:/data"], ["rm", "v"], ["export", "v", "-o", "x"], ["gc"],
            ["detach", "j"], ["import", "w", "x"]];
        foreach (var command in commands)
        {
            using var child = new Running("prlimit", [$"--nofile={limit}:{limit}", Box.Binary, .. command], box.Environment, box.Top);
            child.Wait().Refused(71, "open files", "raise the limit: ulimit -n");
        }

        Assert.Equal(before, box.State());
        using var doctor = new Running("prlimit", [$"--nofile={limit}:{limit}", Box.Binary, "doctor"], box.Environment, box.Top);
        var findings = doctor.Wait();
        Assert.Contains("BAD  open files", findings.Out, StringComparison.Ordinal);
        Assert.True(findings.Exit == 69, findings.Out + findings.Err);
    }

    private static Box Prepared(out string disk, string command)
    {
        var box = new Box();
        disk = box.MakeDir("disk");
        Sys.Mount("tmpfs", disk, "tmpfs", 0, "size=8m");
        box.Environment["KVOL_ROOT"] = disk + "/store";
        box.Run("create", "v").Ok();
        new Tree(new Noise("noise", 200_000, 1)).Build(disk + "/store/volumes/v/data");
        new Tree(new Dir("data"), new Noise("data/noise", 200_000, 1)).Build(box.Root);
        box.Run("export", "v", "-o", box.Top + "/run/v.tar").Ok();

        // The lock of the name is there, so that the work itself finds the disk full.
        box.Run("create", "b").Ok();
        if (command is not ("seed b T/root/data" or "set b label.a=b"))
        {
            box.Run("rm", "b").Ok();
        }

        return box;
    }

    private static string[] Words(Box box, string command) =>
        [.. command.Split(' ').Select(w => w == "R" ? box.Root : w.StartsWith("T/", StringComparison.Ordinal) ? box.Top + w[1..] : w)];

    private static string Names(Box box) =>
        box.State() + string.Join(' ', Sys.List(box.Environment["KVOL_ROOT"] + "/volumes").Order(StringComparer.Ordinal));

    private static void Fill(string disk)
    {
        using var file = File.OpenWrite(disk + "/fill");
        var block = new byte[4096];
        try
        {
            while (true)
            {
                file.Write(block);
                file.Flush();
            }
        }
        catch (IOException)
        {
        }
    }
}
