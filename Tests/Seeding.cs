using System;
using System.Linq;
using Kvol.Storage.Verbs;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

/// <summary>A seeded copy is exact.</summary>
public class Seeding
{
    public static TheoryData<string> FileSystems => ["tmpfs", "ext4", "xfs", "btrfs"];

    internal static Tree Everything => new(
        new Text("plain"), new Text("empty", string.Empty), new Text(".dot"), new Dir(".dotdir"), new Text(".dotdir/.deeper"),
        new Text("setuid", "#!/bin/sh\n", Convert.ToInt32("4755", 8)), new Owner("setuid", 33, 44),
            new Mode("setuid", Convert.ToInt32("6711", 8)),
        new Text("unreadable", "secret", 0), new Dir("unreadable.d", 0), new Text("readonly", "r", Convert.ToInt32("444", 8)),
        new Dir("sticky", Convert.ToInt32("1777", 8)), new Dir("setgid", Convert.ToInt32("2775", 8)), new Owner("setgid", 1, 2),
            new Mode("setgid", Convert.ToInt32("2775", 8)),
        new Dir("empty.d"), new Dir("h1"), new Dir("h2"), new Text("h1/a", "linked"), new HardLink("h2/b", "h1/a"),
            new HardLink("top-link", "h1/a"),
        new Link("link", "plain"), new Link("h1/dangling", "../nowhere"), new Link("absolute", "/etc/passwd"), new Link("loop", "loop"),
        new Link("long", new string('l', 1000)), new HardLink("link2", "link"), new Owner("link", 5, 6),
            new Times("link", 1000000000, 123456789),
        new Special("fifo", Kind.Fifo, 0b110_000_000), new Special("socket", Kind.Socket),
            new Special("null", Kind.CharDevice, 0b110_110_110, 1, 3),
            new Special("loopdev", Kind.BlockDevice, 0b110_000_000, 7, 200),
        new HardLink("fifo2", "fifo"),
        new Noise("large", 3_000_001), new Noise("block", 4096), new Noise("odd", 4097),
        new Sparse("sparse-middle", 8 << 20, 4 << 20, 65536), new Sparse("sparse-all", 5 << 20, 0, 0),
            new Sparse("sparse-end", (1 << 20) + 7, 0, 4096),
        new Xattr("plain", "trusted.kvol", "value"), new Xattr("empty.d", "trusted.dir", "\x00\xff"),
            new Xattr("link", "trusted.link", "on the link"),
        new Acl("plain", "-m", "u:33:rw,g:44:r"), new Acl("setgid", "-m", "u:33:rwx", "-d", "-m", "u:33:rwx"),
        new Text("cap"), new Xattr("cap", "security.capability",
            "\x01\x00\x00\x02\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"),
        new Times("plain", 1, 1), new Times("h1/a", 1234567890, 987654321), new Times("empty", -5, 5), new Times("fifo", 77, 7),
            new Times("null", 78, 8),
        new Times("h1", 1111111111, 1), new Times(".dotdir", 1222222222, 2));

    /// <summary>Larger than what is copied between two looks at whether the command was interrupted.</summary>
    [Fact]
    public void A_very_large_file_is_copied_whole()
    {
        using var box = new Box();
        new Tree(new Noise("big", (300 << 20) + 12345), new Sparse("holes", 700L << 20, 600 << 20, 1 << 20)).Build(box.Root + "/data");
        var before = Manifest.Of(box.Root + "/data");
        box.Mount("v:/data", "--jobs", "3").Ok();
        before.MustEqual(Manifest.Of(box.Data("v")));
    }

    [Theory]
    [MemberData(nameof(FileSystems))]
    public void The_copy_equals_the_original(string type)
    {
        using var box = new Box(type);
        var nasty = Names.Nasty.SelectMany(n =>
            (Step[])[new Text("nasty/" + n, n), new Dir("nasty.d/" + n), new Text($"nasty.d/{n}/{n}"), new Link("nasty.l/" + n, n)]);
        new Tree([.. Everything.Steps, new Dir("nasty"), new Dir("nasty.d"), new Dir("nasty.l"), .. nasty,
            new Xattr("", "trusted.top", "top"), new Acl("", "-d", "-m", "u:55:rx"), new Owner("", 12, 34),
                new Mode("", Convert.ToInt32("3770", 8)), new Times("", 999999999, 999999999)])
            .Build(box.Root + "/data");
        Tool.Run("sync");
        var original = Manifest.Of(box.Root + "/data");
        var result = box.Mount("-q", "v:/data").Ok();
        original.MustEqual(Manifest.Of(box.Root + "/data"));
        Assert.Equal(box.Root + "/data", box.MountAt("/data").Target);
        Assert.Equal(string.Empty, result.Err);
        // Hidden files are never altered.
        box.Umount().Ok();
        original.MustEqual(Manifest.Of(box.Root + "/data"));
    }

    [Theory]
    [InlineData("ext4", "xfs")]
    [InlineData("xfs", "tmpfs")]
    [InlineData("tmpfs", "btrfs")]
    [InlineData("btrfs", "ext4")]
    public void The_copy_equals_the_original_across_file_systems(string from, string to)
    {
        using var box = new Box(from);
        using var other = new Box(to);
        Everything.And(new Mode("", Convert.ToInt32("750", 8))).Build(box.Root + "/data");
        var original = Manifest.Of(box.Root + "/data", holes: false);
        box.Run("--root", other.Store, "mount", box.Root, "v:/data").Ok();
        original.MustEqual(Manifest.Of(other.Data("v"), holes: false));
        Assert.True(Blocks(other.Data("v") + "/sparse-middle") < 4 << 20, "a hole was filled");
    }

    [Theory]
    [MemberData(nameof(FileSystems))]
    public void Without_cloning_the_copy_is_the_same(string type)
    {
        using var box = new Box(type);
        Everything.Build(box.Root + "/data");
        Tool.Run("sync");
        var original = Manifest.Of(box.Root + "/data");
        box.Run("mount", "--no-clone", "--jobs", "1", box.Root, "v:/data").Ok();
        original.MustEqual(Manifest.Of(box.Data("v")));
    }

    [Fact]
    public void User_xattrs_are_kept()
    {
        using var box = new Box("ext4");
        new Tree(new Text("f"), new Xattr("f", "user.one", "1"), new Xattr("", "user.top", "t")).Build(box.Root + "/data");
        var original = Manifest.Of(box.Root + "/data");
        box.Mount("v:/data").Ok();
        original.MustEqual(Manifest.Of(box.Data("v")));
    }

    [Theory]
    [InlineData(3000)]
    public void A_tree_thousands_of_levels_deep_is_copied(int levels)
    {
        using var box = new Box();
        Sys.Mkdir(box.Root + "/data");
        Tree.BuildDeep(box.Root + "/data", levels);
        var original = Manifest.Of(box.Root + "/data");
        Assert.Equal(levels + 2, original.Lines.Count);
        box.Mount("v:/data").Ok();
        original.MustEqual(Manifest.Of(box.Data("v")));
    }

    [Fact]
    public void With_64_descriptors_a_deep_and_wide_tree_is_still_copied()
    {
        using var box = new Box();
        new Tree([.. Enumerable.Range(0, 200).SelectMany(i => (Step[])[new Dir("w" + i), new Text($"w{i}/f")])])
            .Build(box.Root + "/data");
        Tree.BuildDeep(box.Root + "/data", 3000);
        var original = Manifest.Of(box.Root + "/data");
        box.Shell("ulimit -n 64; exec \"$KVOL\" mount --jobs 8 \"$R\" v:/data").Ok();
        original.MustEqual(Manifest.Of(box.Data("v")));
    }

    [Theory]
    [InlineData(8)]
    [InlineData(12)]
    [InlineData(14)]
    [InlineData(16)]
    public void Too_few_descriptors_to_work_at_all_leave_nothing_behind(int descriptors)
    {
        using var box = new Box();
        new Tree(new Text("f")).Build(box.Root + "/data");
        var before = box.State();
        box.Shell($"ulimit -n {descriptors + Platform.ForeignDescriptors}; exec \"$KVOL\" mount \"$R\" v:/data").RefusedAny(71, 73);
        Assert.Equal(before, box.State());
        box.Mount("v:/data").Ok();
    }

    [Fact]
    public void Many_hard_links_across_directories_stay_one_file()
    {
        using var box = new Box();
        var tree = new Tree(new Dir("0"), new Text("0/f", "one"));
        tree = Enumerable.Range(1, 300).Aggregate(tree, (t, i) => t.And(new Dir($"{i}"), new HardLink($"{i}/f", "0/f")));
        tree.Build(box.Root + "/data");
        box.Run("mount", "--jobs", "8", box.Root, "v:/data").Ok();
        Assert.Equal(301u, Sys.Stat(box.Data("v") + "/0/f").Links);
    }

    [Fact]
    public void A_file_with_more_names_than_the_store_allows_keeps_them_all_and_the_copy_says_so()
    {
        using var box = new Box("ext4"); // 65,000 names, EXT4_LINK_MAX
        using var other = new Box("xfs");
        Sys.Write(other.Top + "/0", "one"u8.ToArray());
        for (var i = 1; i < 65_010; i++)
        {
            Sys.Link(other.Top + "/0", $"{other.Top}/{i}");
        }

        box.Run("create", "v").Ok();
        var result = box.Run("seed", "v", other.Top).Ok();
        Assert.Contains("as many names as this file system allows: copied as another file", result.Err, StringComparison.Ordinal);
        var names = Enumerable.Range(0, 65_010).Select(i => Sys.Stat($"{box.Data("v")}/{i}")).ToArray();
        Assert.All(names, n => Assert.Equal(3, n.Size));
        Assert.Equal([10u, 65_000u], names.Select(n => n.Links).Distinct().Order());
    }

    [Fact]
    public void A_link_to_a_file_outside_the_tree_does_not_reach_outside()
    {
        using var box = new Box();
        new Tree(new Text("outside"), new Dir("data"), new HardLink("data/f", "outside")).Build(box.Root);
        box.Mount("v:/data").Ok();
        Assert.Equal(1u, Sys.Stat(box.Data("v") + "/f").Links);
        Assert.Equal(2u, Sys.Stat(box.Root + "/outside").Links);
    }

    private static long Blocks(string path) => long.Parse(Tool.Run("stat", "-c", "%b", path)) * 512;
}
