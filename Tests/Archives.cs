using System;
using System.Linq;
using System.Text.Json;
using Kvol.Storage.Verbs;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

/// <summary>What goes out as tar comes back as it was, through kvol, GNU tar and bsdtar, whichever wrote and whichever read.</summary>
[Trait("System", "Linux")]
public class Archives
{
    private const string Gnu = "tar --numeric-owner --xattrs --xattrs-include='*' --acls";

    // A socket has no form in tar.
    private static Tree Everything => new([
        .. Seeding.Everything.Steps.Where(s => s.Path != "socket"),
        new Dir("nasty"), new Dir("nasty.d"), new Dir("nasty.l"),
        .. Names.Nasty.SelectMany(n => (Step[])[new Text("nasty/" + n, n), new Dir("nasty.d/" + n), new Link("nasty.l/" + n, n)]),
        new Dir("deep"), new Dir("deep/" + new string('d', 200)), new Text($"deep/{new string('d', 200)}/{new string('\xe9', 120)}"),
        new HardLink($"deep/{new string('d', 200)}/hard\xff", "h1/a"), new Link("deep/long\xff", "\xff" + new string('x', 500)),
        new Owner("odd", 3_000_000, 4_000_000_000), new Xattr("odd", "trusted.big", new string('\xfe', 700)),
            new Xattr("odd", "trusted.odd", "\0\n="),
        new Times("odd", 1L << 34, 1), new Mode("", Convert.ToInt32("3770", 8)), new Owner("", 12, 34), new Acl("", "-d", "-m", "u:55:rx"),
            new Xattr("", "trusted.top", "t"),
        new Times("", 999999999, 999999999)]);

    public static TheoryData<string> FileSystems => ["tmpfs", "ext4", "xfs", "btrfs"];

    public static TheoryData<string> GnuFormats =>
    [
        "--format=pax", "--format=pax --sparse --sparse-version=1.0", "--format=pax --sparse --sparse-version=0.1",
            "--format=pax --sparse --sparse-version=0.0",
    ];

    [Theory]
    [MemberData(nameof(FileSystems))]
    public void Out_and_in_again_is_the_same(string type)
    {
        using var box = new Box(type);
        box.Run("create", "v").Ok();
        Everything.And(new Xattr("plain", "trusted.a=b%3D", "v")).Build(box.Data("v"));
        Tool.Run("sync");
        var original = Manifest.Of(box.Data("v"));
        Assert.Equal(string.Empty, box.Run("export", "v", "-o", "v.tar").Ok().Err);
        original.MustEqual(Manifest.Of(box.Data("v")));
        Assert.Equal(string.Empty, box.Run("import", "-q", "w", "v.tar").Ok().Err);
        original.MustEqual(Manifest.Of(box.Data("w")));
    }

    [Fact]
    public void The_longest_file_that_a_file_system_can_have_is_kept()
    {
        using var box = new Box();
        box.Run("create", "v").Ok();
        box.Shell("cd store/volumes/v/data; truncate -s 9223372036854775807 longest; truncate -s 4611686018427387904 long; "
            + "echo end | dd of=long bs=1 seek=4611686018427387000 conv=notrunc status=none").Ok();
        Assert.Equal(long.MaxValue,
            JsonDocument.Parse(box.Run("df", "--json", "v").Ok().Out).RootElement[0].GetProperty("apparent").GetInt64());
        box.Run("export", "v", "-o", "v.tar").Ok();
        Assert.DoesNotContain("not taken", box.Run("import", "w", "v.tar").Ok().Err, StringComparison.Ordinal);
        Assert.Equal("4611686018427387904 long\n9223372036854775807 longest\n", box.Shell("cd \"$1\"; stat -c '%s %n' long longest",
            box.Data("w")).Ok().Out);
    }

    [Fact]
    public void Flags_are_kept_and_do_not_hinder_the_import()
    {
        using var box = new Box("ext4");
        box.Run("create", "v").Ok();
        new Tree(new Text("f"), new HardLink("g", "f"), new Dir("d"), new Text("d/append"), new Text("nodump")).Build(box.Data("v"));
        box.Shell("cd \"$1\" && chattr +i f d && chattr +a d/append && chattr +d nodump && chattr +i .", box.Data("v")).Ok();
        box.Shell("\"$KVOL\" export v | \"$KVOL\" import w").Ok();
        var flags = box.Shell("cd \"$1\" && lsattr -d . f d d/append nodump", box.Data("w"))
            .Ok().Lines.Select(l => l.Split(' ')[0].Replace("-", "").Replace("e", "")).ToArray();
        Assert.Equal(["i", "i", "i", "a", "d"], flags);
        box.Run("rm", "v", "w").Ok();
    }

    [Theory]
    [InlineData("C")]
    [InlineData("C.UTF-8")]
    public void Gnu_tar_reads_it(string locale)
    {
        using var box = Exported();
        box.Shell($"export LC_ALL={locale}; mkdir out && {Gnu} -xpf v.tar -C out").Ok();
        // GNU tar 1.34 knows no attributes of links.
        WithoutLinkAttributes(Manifest.Of(box.Data("v"), holes: false))
            .MustEqual(WithoutLinkAttributes(Manifest.Of(box.Top + "/out", holes: false)));
        Assert.True(Blocks(box.Top + "/out/sparse-middle") < 4 << 20, "a hole was filled");
    }

    [Theory]
    [InlineData("C")]
    [InlineData("C.UTF-8")]
    public void Bsdtar_reads_it(string locale)
    {
        using var box = Exported();
        box.Shell($"export LC_ALL={locale}; mkdir out && bsdtar --numeric-owner --acls --xattrs -xpf v.tar -C out").Ok();
        AsBsdtarHasThem(Manifest.Of(box.Data("v"), holes: false)).MustEqual(AsBsdtarHasThem(Manifest.Of(box.Top + "/out", holes: false)));
        Assert.True(Blocks(box.Top + "/out/sparse-middle") < 4 << 20, "a hole was filled");
    }

    [Theory]
    [MemberData(nameof(GnuFormats))]
    public void What_gnu_tar_wrote_is_read(string format)
    {
        using var box = new Box();
        new Tree([.. Everything.Steps.Where(s => s.Path != "fifo2")]).Build(box.MakeDir("in")); // GNU tar knows hard links of files alone
        box.Shell($"{Gnu} {format} -cf - -C in . | \"$KVOL\" import w").Ok();
        WithoutLinkAttributes(Manifest.Of(box.Top + "/in", holes: false))
            .MustEqual(WithoutLinkAttributes(Manifest.Of(box.Data("w"), holes: false)));
        Assert.True(!format.Contains("sparse") || Blocks(box.Data("w") + "/sparse-middle") < 4 << 20, "a hole was filled");
    }

    [Theory]
    [InlineData("--format=gnu --sparse")]
    [InlineData("--format=gnu --no-recursion --sparse --hole-detection=raw")]
    public void What_gnu_tar_wrote_in_its_old_format_is_read(string format)
    {
        using var box = new Box();
        new Tree(
            new Text("plain"), new Owner("plain", 3_000_000, 7), new Sparse("s", 64 << 20, 32 << 20, 5000), new Dir("d"),
                new Text("d/" + new string('n', 150)), new Link("l", new string('t', 150)),
            new Sparse("many", 0, 0, 0), new Times("plain", -77, 0), new Times("d/" + new string('n', 150), 5, 0)).Build(box.MakeDir("in"));
        box.Shell("cd in && for i in $(seq 1 40); do printf x | dd of=many bs=1 seek=$((i * 65536)) conv=notrunc status=none; done; "
            + "find . -exec touch -h -d @1000 {} +").Ok();
        box.Shell($"cd in && find . -print0 | sort -z | tar --numeric-owner {format} --null --no-recursion -T - -cf ../x.tar && "
            + "\"$KVOL\" import w ../x.tar").Ok();
        Manifest.Of(box.Top + "/in", holes: false).MustEqual(Manifest.Of(box.Data("w"), holes: false));
        Assert.True(Blocks(box.Data("w") + "/s") < 4 << 20, "a hole was filled");
    }

    [Fact]
    public void What_bsdtar_wrote_is_read()
    {
        using var box = new Box();
        Everything.Build(box.MakeDir("in"));
        box.Shell("LC_ALL=C bsdtar --format pax --acls --xattrs --numeric-owner -cf x.tar -C in . && \"$KVOL\" import w x.tar").Ok();
        AsBsdtarHasThem(Manifest.Of(box.Top + "/in", holes: false)).MustEqual(AsBsdtarHasThem(Manifest.Of(box.Data("w"), holes: false)));
    }

    [Theory]
    [InlineData("tar --format=v7")]
    [InlineData("tar --format=ustar")]
    [InlineData("tar --format=oldgnu")]
    [InlineData("bsdtar --format ustar")]
    [InlineData("bsdtar --format gnutar")]
    public void Older_formats_are_read(string program)
    {
        using var box = new Box();
        new Tree(new Text("f", "content"), new Dir("d", Convert.ToInt32("2750", 8)), new Text("d/g"), new HardLink("h", "f"),
            new Link("l", "f"), new Times("f", 10, 0),
            new Times("l", 11, 0), new Times("d/g", 12, 0), new Times("d", 13, 0), new Times("", 14, 0)).Build(box.MakeDir("in"));
        box.Shell($"{program} --numeric-owner -cf - -C in . | \"$KVOL\" import w").Ok();
        Manifest.Of(box.Top + "/in").MustEqual(Manifest.Of(box.Data("w")));
    }

    [Fact]
    public void A_very_deep_tree_goes_through_with_few_descriptors()
    {
        using var box = new Box();
        box.Run("create", "v").Ok();
        Tree.BuildDeep(box.Data("v"), 2000);
        box.Shell("ulimit -n 80; \"$KVOL\" export v | \"$KVOL\" import w").Ok();
        Manifest.Of(box.Data("v")).MustEqual(Manifest.Of(box.Data("w")));
    }

    [Fact]
    public void The_same_tree_gives_the_same_archive()
    {
        using var box = Exported();
        box.Run("export", "v", "-o", "again.tar").Ok();
        Assert.Equal(string.Empty,
            box.Shell("cmp <(tar -xOf v.tar) <(tar -xOf again.tar) && diff <(tar -tf v.tar) <(tar -tf again.tar)").Ok().Out);
    }

    private static Box Exported()
    {
        var box = new Box();
        box.Run("create", "v").Ok();
        Everything.Build(box.Data("v"));
        box.Run("export", "v", "-o", "v.tar").Ok();
        return box;
    }

    // bsdtar 3.6 errs with fractions of seconds before 1970, and leaves the time of the directory that it unpacks into.
    private static Manifest AsBsdtarHasThem(Manifest manifest) =>
        new([.. manifest.Lines.Select(l =>
            l.StartsWith("empty File") ? "empty" : l.StartsWith(". ") ? string.Join(' ', l.Split(' ').Where((_, i) => i != 4)) : l)]);

    private static Manifest WithoutLinkAttributes(Manifest manifest) =>
        new([.. manifest.Lines.Select(l => l.Contains(" -> ") ? l.Split(" trusted.")[0] : l)]);

    private static long Blocks(string path) => long.Parse(Tool.Run("stat", "-c", "%b", path)) * 512;
}
