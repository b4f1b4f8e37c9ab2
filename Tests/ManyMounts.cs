using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

/// <summary>What a command costs does not depend on what else the host has mounted and attached; Linux's listmount(2).</summary>
[Trait("System", "Linux")]
public class ManyMounts
{
    private const int Others = 40;

    [Fact]
    public void Other_mounts_and_attachments_are_not_looked_at()
    {
        using var alone = new Box();
        using var crowded = new Box();
        Crowd(crowded);
        foreach (var box in new[] { alone, crowded })
        {
            box.MakeDir("root/a");
            box.MakeFile("root/a/text");
            box.Run("create", "old").Ok();
            File.WriteAllText(box.Data("old") + "/kept", "text");
        }

        foreach (var arguments in new string[][]
        {
            ["attach", "www", "ROOT", "new:/a", "old:/b"], ["mount", "ROOT", "old:/c"], ["umount", "ROOT", "/c"], ["detach", "www", "ROOT"],
            ["attach", "www", "ROOT", "old:/a"], ["detach", "www"], ["ls", "-q"],
        })
        {
            var (few, many) = (Reads(alone, arguments), Reads(crowded, arguments));
            Assert.DoesNotContain(few.Concat(many), r => r.Contains("mountinfo", StringComparison.Ordinal));
            Assert.True(few.Count == many.Count,
                $"{string.Join(' ', arguments)}:\n{string.Join('\n', few)}\nand\n{string.Join('\n', many)}");
        }

        Assert.Empty(crowded.Mounts);
    }

    [Fact]
    public void Where_the_kernel_lists_no_mounts_the_table_is_read()
    {
        using var box = new Box();
        Crowd(box);
        Confined.RunOld(box, "attach", "www", box.Root, "v:/a", "w:/b").Ok();
        Assert.Equal(2, box.Mounts.Count);
        Confined.RunOld(box, "mount", box.Root, "v:/a").Ok();
        Assert.Equal(2, box.Mounts.Count);
        Confined.RunOld(box, "mount", box.Root, "v:/").Refused(64, "must not be / itself");
        Confined.RunOld(box, "detach", "www").Ok();
        Assert.Empty(box.Mounts);
    }

    [Fact]
    public void What_one_way_mounts_the_other_finds_and_undoes()
    {
        using var box = new Box();
        box.Run("attach", "www", box.Root, "v:/a").Ok();
        Confined.RunOld(box, "attach", "www", box.Root, "w:/b").Ok();
        box.Mount("v:/a").Ok();
        Confined.RunOld(box, "detach", "www").Ok();
        Assert.Empty(box.Mounts);
        Confined.RunOld(box, "attach", "www", box.Root, "v:/a").Ok();
        box.Run("detach", "www").Ok();
        Assert.Empty(box.Mounts);
    }

    [Fact]
    public void A_mount_of_a_nested_root_directory_is_not_hidden()
    {
        using var box = new Box();
        box.MakeDir("root/srv");
        var inner = box.MakeDir("root/srv/cell");
        var host = box.MakeDir("host");
        box.Run("attach", "inner", inner, $"{host}:/data").Ok();
        box.Mount("v:/srv").Refused(75, "would hide", "for jail inner");
        box.Run("detach", "inner").Ok();
        box.Mount("v:/srv:nocopy").Ok();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_jail_that_an_earlier_version_attached_is_found_without_an_index(bool others)
    {
        using var box = new Box();
        box.Run("attach", "www", box.Root, "v:/a").Ok();
        Directory.Delete(box.Top + "/run/jails", recursive: true);
        if (others)
        {
            box.Run("attach", "db", box.MakeDir("other"), "w:/a").Ok();
            Assert.Equal(2, Directory.GetFiles(box.Top + "/run/jails", "*@*").Length);
        }

        box.Run("detach", "www").Ok();
        Assert.Empty(box.Mounts);
    }

    [Fact]
    public void The_index_of_jails_ends_with_the_records()
    {
        using var box = new Box();
        box.Run("attach", "www", box.Root, "v:/a").Ok();
        var entry = Assert.Single(Directory.GetFiles(box.Top + "/run/jails", "www@*"));
        var copy = box.Top + "/copy";
        File.Copy(entry, copy);
        box.Run("detach", "www").Ok();
        Assert.Empty(Directory.GetFiles(box.Top + "/run/jails", "*@*"));
        File.Copy(copy, entry); // as a kill leaves it
        box.Run("gc").Ok();
        Assert.Empty(Directory.GetFiles(box.Top + "/run/jails", "*@*"));
    }

    private static void Crowd(Box box)
    {
        for (var i = 0; i < Others; i++)
        {
            box.Run("attach", $"j{i}", box.MakeDir($"jail{i}"), $"j{i}:/made").Ok();
        }
    }

    // The mount tables and the records that kvol opens.
    private static List<string> Reads(Box box, string[] arguments)
    {
        var log = box.Top + "/calls";
        using var child = new Running(
            "strace", ["-f", "-qq", "-o", log, "-e", "trace=openat", Box.Binary,
                .. arguments.Select(a => a == "ROOT" ? box.Root : a)],
            box.Environment, box.Top);
        child.Wait().Ok();
        return [.. File.ReadAllLines(log).Where(l => l.Contains("mountinfo", StringComparison.Ordinal)
            || (l.Contains(".json\"", StringComparison.Ordinal) && !l.Contains("volume.json", StringComparison.Ordinal)))];
    }
}
