using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using Kvol.Storage.Verbs;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests.Torture;

/// <summary>Imports archives with random damage, each by a process of its own. The command must end in time and in one of the documented
/// ways, change nothing outside the volume, and leave the volume either whole or absent. KVOL_TORTURE_INPUTS sets the number, an eighth of
/// the number of inputs for the parsers.</summary>
[Trait("System", "Linux")]
public class DamagedArchives(ITestOutputHelper output)
{
    // Long, so that a loaded machine does not fail it; a real hang never ends.
    private const int Watchdog = 120, Processes = 8, Block = 512;

    private static readonly string[] Names =
        ["..", "../x", "/x", "a/../../x", "/", "", ".", "d", "d/f", "l", "l/x", "out", "out/x", "\x1b[31m", "\xff\xfe", "a//b/./c",
            "deep/deep/deep/deep/", "h", "..\0/x", "volume.json", "../volume.json", "../../store.json"];

    private static readonly string[] Numbers = ["0", "-1", "1", "511", "512", "513", "4294967295", "9223372036854775807",
        "99999999999999999999", "1.5", "-1.999999999", "", "x"];

    private static readonly string[] Keys =
    [
        "path", "linkpath", "size", "uid", "gid", "mtime", "atime", "LIBARCHIVE.creationtime", "SCHILY.xattr.user.a",
            "SCHILY.xattr.trusted.b", "SCHILY.xattr.", "LIBARCHIVE.xattr.user.c",
        "SCHILY.acl.access", "SCHILY.acl.default", "SCHILY.acl.ace", "SCHILY.fflags", "SCHILY.devmajor", "GNU.sparse.major",
            "GNU.sparse.minor", "GNU.sparse.name", "GNU.sparse.realsize",
        "GNU.sparse.map", "GNU.sparse.size", "GNU.sparse.offset", "GNU.sparse.numbytes", "comment", "",
    ];

    private readonly Campaign campaign = new(output, "damaged archives");

    [Fact]
    public void An_archive_that_was_damaged_is_taken_as_far_as_it_can_be_or_refused()
    {
        using var box = new Box("ext4");
        box.Run("init").Ok();
        box.MakeFile("victim", "mine");
        box.MakeDir("outside");
        box.Run("create", "other").Ok();
        File.WriteAllText(box.Data("other") + "/f", "other");
        var good = Good(box);
        File.WriteAllBytes(box.Top + "/x.tar", good);
        box.Run("import", "v", "x.tar").Ok();
        box.Run("rm", "v").Ok();
        var random = new Random(Campaign.Seed);
        var before = Around(box);
        for (var i = Campaign.Size("INPUTS", 3000) / Processes; i > 0; i--)
        {
            var seed = random.Next();
            var archive = Change(good, new Random(seed));
            File.WriteAllBytes(box.Top + "/x.tar", archive);
            Try(box, $"archive {seed}", before);
            campaign.Count("archives");
        }

        campaign.End();
    }

    private void Try(Box box, string after, string before)
    {
        using var import = box.Start("import", "v", "x.tar", "--json");
        Result result;
        try
        {
            result = import.Wait(Watchdog);
        }
        catch (Xunit.Sdk.XunitException) // it is still running
        {
            campaign.Wrong("hang", after);
            return;
        }

        campaign.CheckEnd(result, after);
        campaign.Count($"with status {result.Exit}");
        if (result.Exit is not (0 or 1 or 65))
        {
            campaign.Wrong($"exit {result.Exit}", $"{after}\n    {Campaign.Short(result.Err)}");
        }

        var volumes = Sys.List(box.Store + "/volumes");
        if (!volumes.SequenceEqual(result.Exit == 65 ? ["other"] : ["other", "v"]))
        {
            campaign.Wrong($"exit {result.Exit}, and in the store lie {string.Join(' ', volumes)}", after);
        }

        if (Sys.Exists(box.Store + "/volumes/v"))
        {
            if (!Sys.List(box.Store + "/volumes/v").SequenceEqual(["data", "volume.json"])
                || Sys.List(box.Data("v")).Any(n => n.StartsWith(".kvol-", StringComparison.Ordinal)))
            {
                campaign.Wrong("litter",
                    $"{after}: {string.Join(' ', Sys.List(box.Store + "/volumes/v").Concat(Sys.List(box.Data("v"))))}");
            }

            campaign.CheckEnd(box.Run("rm", "v"), after + ", rm");
        }

        if (Around(box) != before)
        {
            campaign.Wrong("something outside of the volume changed", after);
        }
    }

    /// <summary>Everything except the volume.</summary>
    private static string Around(Box box) => string.Join(
        '\n', Manifest.Of(box.Top).Lines.Where(l => !l.StartsWith("x.tar ", StringComparison.Ordinal)
            && !l.StartsWith("run", StringComparison.Ordinal) && !l.StartsWith("store/locks", StringComparison.Ordinal))
            .Select(l => l.Contains(" Directory ", StringComparison.Ordinal) ? l.Split(' ')[0]
                : l).Where(l => !l.StartsWith("store/volumes/v", StringComparison.Ordinal)));

    /// <summary>An archive of a tree with every feature that kvol writes, and members that kvol does not write.</summary>
    private static byte[] Good(Box box)
    {
        box.Run("create", "good").Ok();
        new Tree(
            new Dir("d"), new Text("d/f", "text"), new HardLink("h", "d/f"), new Link("l", "d"), new Link("out", box.Top + "/outside"),
                new Special("p", Kind.Fifo),
            new Special("null", Kind.CharDevice, Major: 1, Minor: 3), new Sparse("s", 1 << 20, 300_000, 5000),
                new Xattr("d/f", "user.k", "v"), new Xattr("d", "trusted.k", new string('v', 700)),
            new Acl("d/f", "-m", "u:1:r"), new Acl("d", "-d", "-m", "u:1:rx"), new Owner("d/f", 3_000_000, 4_000_000_000),
                new Noise("big", 150_000, 3),
            new Text("d/" + new string('n', 180), "x")).Build(box.Data("good"));
        box.Run("export", "good", "-o", "good.tar").Ok();
        box.Run("rm", "good").Ok();
        var written = File.ReadAllBytes(box.Top + "/good.tar");
        File.Delete(box.Top + "/good.tar");
        var more = new TarBytes().Add("g", 'g', "8 uid=1\n").Add("long", 'L', "gnu/" + new string('g', 120)
            + "\0").Add("x", content: "c").Add("long", 'K', "d/f\0").Add("hard", '1')
            .Pax("GNU.sparse.size=9999", "GNU.sparse.map=100,4").Add("holes",
                content: "data").Pax("SCHILY.fflags=nodump").Add("flags").End();
        return [.. written.AsSpan(0, (Array.FindLastIndex(written, b => b != 0) / Block * Block) + Block), .. more];
    }

    private static byte[] Change(byte[] good, Random random)
    {
        var members = Members(good);
        for (var n = random.Next(1, 4); n > 0 && members.Count > 0; n--)
        {
            var at = random.Next(members.Count);
            var member = members[at];
            switch (random.Next(8))
            {
                case 0:
                    members.RemoveAt(at);
                    break;
                case 1:
                    members.Insert(random.Next(members.Count), (byte[])member.Clone());
                    break;
                case 2:
                    (members[at], members[random.Next(members.Count)]) = (members[random.Next(members.Count)], member);
                    break;
                case 3:
                    members.Insert(at, Header(random));
                    break;
                case 4:
                    ChangeRecords(member, random);
                    break;
                case 5 when member.Length > Block:
                    member[random.Next(Block, member.Length)] ^= (byte)(1 << random.Next(8));
                    break;
                default:
                    ChangeBlock(member.AsSpan(0, Block), random);
                    break;
            }
        }

        var all = members.SelectMany(m => m).ToArray();
        return random.Next(8) == 0 ? all[..random.Next(all.Length)] : [.. all, .. new byte[2 * Block]];
    }

    /// <summary>Each header block with everything up to the next one.</summary>
    private static List<byte[]> Members(byte[] archive)
    {
        var starts = Enumerable.Range(0, archive.Length / Block).Select(i => i * Block).Where(at =>
            archive.AsSpan(at + 257, 5).SequenceEqual("ustar"u8)).ToList();
        return [.. starts.Select((at, i) => archive[at..(i + 1 < starts.Count ? starts[i + 1] : archive.Length - (2 * Block))])];
    }

    /// <summary>Inserts an extended header, a global header or a long name with random content.</summary>
    private static byte[] Header(Random random)
    {
        var text = new StringBuilder();
        var type = "xgLK"[random.Next(4)];
        for (var n = random.Next(1, 4); n > 0; n--)
        {
            text.Append(type is 'L' or 'K' ? Pick(Names, random)
                : Record($"{Pick(Keys, random)}={Pick(random.Next(2) == 0 ? Names : Numbers, random)}"));
        }

        return new TarBytes().Add("header", type, text.ToString()).End(0);
    }

    /// <summary>Replaces a value in an extended header by another one of the same length.</summary>
    private static void ChangeRecords(byte[] member, Random random)
    {
        var equals = Enumerable.Range(Block, member.Length - Block).Where(i => member[i] == '=').ToArray();
        if (equals.Length > 0)
        {
            var at = equals[random.Next(equals.Length)] + 1;
            foreach (var c in Pick(random.Next(2) == 0 ? Names : Numbers, random).TakeWhile(_ => at < member.Length && member[at] != '\n'))
            {
                member[at++] = (byte)c;
            }
        }
    }

    /// <summary>Changes a field of a header block and corrects its checksum.</summary>
    private static void ChangeBlock(Span<byte> block, Random random)
    {
        (int At, int Length)[] fields = [(0, 100), (100, 8), (108, 8), (116, 8), (124, 12), (136, 12), (156, 1), (157, 100), (257, 8),
            (329, 8), (337, 8), (345, 155), (386, 96), (482, 1), (483, 12)];
        var (at, length) = fields[random.Next(fields.Length)];
        var field = block.Slice(at, length);
        if (at == 156)
        {
            field[0] = (byte)"0123456789xgLKSVMDA\0"[random.Next(20)];
        }
        else if (at is 0 or 157 or 345)
        {
            Put(field, Pick(Names, random));
        }
        else if (random.Next(3) == 0)
        {
            random.NextBytes(field);
        }
        else
        {
            Put(field, Convert.ToString(random.NextInt64(1L << random.Next(1, 40)), 8).PadLeft(length - 1, '0'));
        }

        if (random.Next(20) > 0)
        {
            Put(block[148..156], "        ");
            var sum = 0;
            foreach (var b in block)
            {
                sum += b;
            }

            Put(block[148..156], Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ");
        }
    }

    private static void Put(Span<byte> field, string text)
    {
        field.Clear();
        Encoding.Latin1.GetBytes(text[..Math.Min(text.Length, field.Length)]).CopyTo(field);
    }

    private static string Record(string text)
    {
        var length = text.Length + 3;
        while ($"{length} {text}\n".Length != length)
        {
            length++;
        }

        return $"{length} {text}\n";
    }

    private static string Pick(string[] from, Random random) => from[random.Next(from.Length)];
}
