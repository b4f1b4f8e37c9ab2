using System;
using System.IO;
using System.Linq;
using System.Text;
using Kvol.Commands;
using Kvol.Native;
using Kvol.Storage.Archives;
using Kvol.Storage.Stores;
using Kvol.Storage.Values;
using Kvol.Tests.Support;
using Kvol.Tests.Torture;
using Xunit;

namespace Kvol.Tests.Internals;

/// <summary>What comes from strangers or lies damaged on a disk, changed at random: a parser takes it or says in one line what is wrong
/// with it, and ends. A process for each would be slow. KVOL_TORTURE_INPUTS says how many for each parser.</summary>
[Trait("System", "Linux")]
public class DamagedInput(ITestOutputHelper output)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [Fact]
    public void Specs()
    {
        string[] good =
        [
            "web:/srv", "web:/srv:ro,nocopy", "/host/dir:/mnt:recursive,noexec", "./x:/y:create-source", "v:/a\\:b:subpath=a/b",
                "type=volume,source=v,destination=/d,readonly",
            "type=bind,source=/s,destination=/d,subpath=x,rw=false", "source=/s,target=/d",
        ];
        Fuzz("specs", good.Select(Encoding.Latin1.GetBytes).ToArray(), bytes => _ = MountSpec.Parse(Encoding.Latin1.GetString(bytes)));
    }

    [Fact]
    public void Command_lines()
    {
        string[] good =
        [
            "mount\0/jail\0v:/srv\0--json\0--jobs\04", "create\0v\0-l\0a=b\0--quota\010G\0--owner\01:2\0--mode\00755",
                "ls\0-q\0--sort\0name\0--filter\0label=a", "rm\0v\0-f\0--keep\010",
            "export\0v@s\0-o\0x.tar\0--format\0tar", "import\0v\0x.tar\0--into", "set\0v\0label.a=b", "prune\0-n\0-y\0--all",
                "attach\0www\0/jail\0v:/d\0--pid\07", "--root\0/x\0--wait\05\0df",
        ];
        Fuzz("command lines", good.Select(Encoding.Latin1.GetBytes).ToArray(), bytes =>
        {
            var words = Encoding.Latin1.GetString(bytes).Split('\0');
            _ = Verbs.Root(words).Parse(words).Errors.Select(e => e.Message).ToArray();
        }, share: 20);
    }

    [Fact]
    public void Archives()
    {
        var good = new[]
        {
            new TarBytes().Add("d/", '5').Add("d/f", content: "text").Add("d/l", '1', link: "d/f").Add("s", '2', link: "d/f").End(),
            new TarBytes().Pax("path=long/" + new string('n', 150), "mtime=1.5", "SCHILY.xattr.user.a=b", "SCHILY.acl.access=user::rw-")
                .Add("x", content: "c").End(),
            new TarBytes().Add("g", 'g', "9 uid=1\n").Add("n", 'L', "name").Add("k", 'K', "target").Add("x", '2').Add("dev", '3')
                .Add("p", '6').End(),
            new TarBytes().Pax("GNU.sparse.major=1", "GNU.sparse.minor=0", "GNU.sparse.name=s", "GNU.sparse.realsize=9999")
                .Add("s", content: "1\n100\n4\n".PadRight(512, '\0') + "data").End(),
        };
        var path = Disks.On("tmpfs") + "/damaged.tar";
        Fuzz("archives", good, bytes =>
        {
            Sys.Write(path, bytes);
            using var file = Files.OpenRead(new ByteString(path));
            var reader = new TarReader(new ArchiveInput(file, "archive", () => { }));
            while (reader.Next() is not null)
            {
                while (reader.Remaining > 0)
                {
                    _ = reader.TakeData(1 << 20);
                }
            }
        }, Seal);
    }

    [Fact]
    public void What_is_known_of_a_volume()
    {
        const string Plain = """{"version": 1, "name": "v", "created": "2026-01-02T03:04:05.678901Z", "anonymous": false, """
            + """ "labels": {"a": "b"}, "seed": null}""";
        const string Full = """{"version":1,"name":"v","created":"2026-01-02T03:04:05Z","anonymous":true,"labels":{},"""
            + """ "seed":{"source":"/x","at":"2026-01-02T03:04:05Z","files":1,"bytes":2,"not_kept":[{"path":"p","what":"w"}]},"""
            + """ "deletion":{"at":"2026-01-02T03:04:05Z","until":"2026-01-02T03:04:05Z"}}""";
        var directory = Directory.CreateDirectory(Disks.On("tmpfs") + "/damaged").FullName;
        using var opened = Files.OpenDirectory(new ByteString(directory));
        Fuzz("volume.json", [Encoding.UTF8.GetBytes(Plain), Encoding.UTF8.GetBytes(Full)], bytes =>
        {
            Sys.Write(directory + "/volume.json", bytes);
            _ = VolumeFile.Read(opened, null);
        });
    }

    /// <summary>Cuts, doubles, swaps and changes bytes of a good input, and hands it to the parser: it ends in time, and throws nothing but
    /// what a user is told.</summary>
    private void Fuzz(string part, byte[][] good, Action<byte[]> parse, Action<byte[]>? seal = null, int share = 1)
    {
        var campaign = new Campaign(output, part);
        var random = new Random(Campaign.Seed);
        for (var i = Campaign.Size("INPUTS", 3000) / share; i >= 0; i--)
        {
            var input = Change(good[random.Next(good.Length)], random);
            seal?.Invoke(input);
            var started = DateTime.UtcNow;
            try
            {
                parse(input);
            }
            catch (Exception e) when (e is KvolException or NativeException)
            {
                // What a user is told.
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                campaign.Wrong($"{e.GetType().Name} ({Campaign.Short(e.Message)})",
                    Convert.ToHexString(input.AsSpan(0, Math.Min(600, input.Length))));
            }

            if (DateTime.UtcNow - started > Limit)
            {
                campaign.Wrong("hang", Convert.ToHexString(input.AsSpan(0, Math.Min(600, input.Length))));
            }

            campaign.Count("inputs");
        }

        campaign.End();
    }

    private static byte[] Change(byte[] from, Random random)
    {
        string[] words = ["null", "\"\"", "{}", "[]", "-1", "99999999999999999999", "\\u0000", ",,", "::", "\n", "\0", "/..", "=", "true",
            "\x1b[31m", "\x7f", "\xff"];
        var bytes = from.ToList();
        for (var n = random.Next(1, 5); n > 0 && bytes.Count > 0; n--)
        {
            int at = random.Next(bytes.Count), length = Math.Min(random.Next(1, 40), bytes.Count - at);
            switch (random.Next(6))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes.RemoveRange(at, length);
                    break;
                case 2:
                    bytes.InsertRange(at, bytes.GetRange(at, length));
                    break;
                case 3:
                    bytes.InsertRange(at, Encoding.Latin1.GetBytes(words[random.Next(words.Length)]));
                    break;
                case 4:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                default:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
            }
        }

        return [.. bytes];
    }

    /// <summary>Makes the checksum of each header right again, so that what is changed is looked at.</summary>
    private static void Seal(byte[] archive)
    {
        for (var at = 0; at + 512 <= archive.Length; at += 512)
        {
            var block = archive.AsSpan(at, 512);
            if (block[257..262].SequenceEqual("ustar"u8))
            {
                block[148..156].Fill((byte)' ');
                var sum = 0;
                foreach (var b in block)
                {
                    sum += b;
                }

                Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ").CopyTo(block[148..]);
            }
        }
    }
}
