using System;
using System.Text;
using Kvol.Commands;
using Kvol.Native;
using Kvol.Storage.Archives;
using Kvol.Storage.Values;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests.Unit;

/// <summary>What comes from strangers or from the command line, changed at random, where a process for each would be slow.</summary>
[Trait("System", "Linux")]
public class DamagedInput(ITestOutputHelper output)
{
    private readonly Fuzzer fuzzer = new(output);

    [Fact]
    public void Specs() => fuzzer.Fuzz("specs",
        [
            "web:/srv", "web:/srv:ro,nocopy", "/host/dir:/mnt:recursive,noexec", "./x:/y:create-source", "v:/a\\:b:subpath=a/b",
                "type=volume,source=v,destination=/d,readonly",
            "type=bind,source=/s,destination=/d,subpath=x,rw=false", "source=/s,target=/d",
        ], text => _ = MountSpec.Parse(Argument(text)));

    [Fact]
    public void Command_lines() => fuzzer.Fuzz("command lines",
        [
            "mount\0/jail\0v:/srv\0--json\0--jobs\04", "create\0v\0-l\0a=b\0--quota\010G\0--owner\01:2\0--mode\00755",
                "ls\0-q\0--sort\0name\0--filter\0label=a", "rm\0v\0-f\0--keep\010",
            "export\0v@s\0-o\0x.tar\0--format\0tar", "import\0v\0x.tar\0--into", "set\0v\0label.a=b", "prune\0-n\0-y\0--all",
                "attach\0www\0/jail\0v:/d\0--pid\07", "--root\0/x\0--wait\05\0df",
        ], Parse);

    [Fact]
    public void Durations() =>
        fuzzer.Fuzz("durations", ["10", "0", "3600", "86400", "0.5", "31536000", "1e3"], text =>
        _ = Duration.Parse("--keep", Argument(text)));

    [Fact]
    public void Sizes() =>
        fuzzer.Fuzz("sizes", ["10G", "none", "1.5T", "4096", "12KiB", "7mb", "16E", "0"], text => _ = Size.Parse("quota", Argument(text)));

    [Fact]
    public void Names() => fuzzer.Fuzz("names",
        ["web", "v@s", "pool/kvol", "quota=10G", "label.a=b", "www.example.org", "2026-01-02T03.04.05.678Z"],
        text =>
        {
            foreach (var parse in new Action<string>[]
            {
                t => _ = VolumeName.Parse(t), t =>
                    _ = SnapshotName.Parse(t), t =>
                    _ = SnapshotName.ParseEither(t), t => _ = DatasetName.Parse(t), t => _ = JailName.Parse(t),
                t => _ = PropertyName.Parse(t), t => _ = PropertyName.ParseAssignment(t), t => _ = FlagText.Parse(t, _ => { }),
            })
            {
                try
                {
                    parse(text);
                }
                catch (KvolException)
                {
                }
            }
        });

    [Fact]
    public void Acls() => fuzzer.Fuzz("ACLs",
        ["user::rw-,user:33:r--,group::r--,mask::r--,other::---", "u::rwx\nuser:root:rwx:0\ng::r-x\no:r-x",
            "user::rw- # effective\nmask:r\n"], text => _ = PosixAcl.Parse(text));

    [Fact]
    public void Mount_tables() => fuzzer.Fuzz("mount tables",
        [
            "25 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n36 25 0:33 / /proc ro,nosuid,nodev - proc proc rw\n",
            "99 25 0:44 /store/volumes/v/data//deleted /jails/a\\040b/srv\\011x rw master:2 propagate_from:1 - zfs pool/kvol/volumes/v "
                + "rw,xattr\n",
        ], text => _ = MountTable.Parse(Encoding.Latin1.GetBytes(text)));

    [Fact]
    public void Archives()
    {
        var good = new[]
        {
            new TarBytes().Add("d/", '5').Add("d/f", content: "text").Add("d/l", '1', link: "d/f").Add("s", '2', link: "d/f").End(),
            new TarBytes().Pax("path=long/" + new string('n', 150), "mtime=1.5", "SCHILY.xattr.user.a=b", "SCHILY.acl.access=user::rw-")
                .Add("x", content: "c").End(),
            new TarBytes().Add("g", 'g', "8 uid=1\n").Add("n", 'L', "name").Add("k", 'K', "target").Add("x", '2').Add("dev", '3')
                .Add("p", '6').End(),
            new TarBytes().Pax("GNU.sparse.major=1", "GNU.sparse.minor=0", "GNU.sparse.name=s", "GNU.sparse.realsize=9999")
                .Add("s", content: "1\n100\n4\n".PadRight(512, '\0') + "data").End(),
        };
        fuzzer.Fuzz("archives", good, ReadArchive, Seal);
    }

    [Fact]
    public void Extended_headers() => fuzzer.Fuzz("extended headers",
        [
            "18 path=some/name\n20 mtime=1.000000001\n14 uid=100000\n",
                "30 SCHILY.xattr.user.a=value\n12 size=1\n46 SCHILY.acl.access=user::rw-,user:1:r--\n",
            "28 LIBARCHIVE.xattr.a%3D=QQ\n25 SCHILY.fflags=nodump\n14 atime=-5.25\n17 linkpath=abc\n",
        ], text => ReadArchive(new TarBytes().Add("pax", 'x', text).Add("x", content: "c").End()));

    [Fact]
    public void Maps_of_holes() => fuzzer.Fuzz("maps of holes", ["0,4,100,4,9999,0", "2\n100\n2\n4096\n2\n", "1\n0\n4\n"], text =>
    {
        var map = new ExtentList((_, _) => new InvalidOperationException("a short text has few pieces"));
        if (SparseMap.TryParse(Encoding.Latin1.GetBytes(text), map))
        {
            _ = SparseMap.Check(map, 9999, 8);
        }

        var one = text.Length <= 512 ? text.PadRight(512, '\0') : text.PadRight(1024, '\0');
        foreach (var archive in new[]
        {
            new TarBytes().Pax("GNU.sparse.major=1", "GNU.sparse.minor=0", "GNU.sparse.name=s", "GNU.sparse.realsize=9999").Add("s",
                content: one + "data").End(),
            new TarBytes().Pax("GNU.sparse.map="
                + text, "GNU.sparse.size=9999", "GNU.sparse.numblocks=3").Add("s", content: "datadata").End(),
        })
        {
            try
            {
                ReadArchive(archive);
            }
            catch (KvolException)
            {
            }
        }
    });

    /// <summary>An argument of a program ends at a NUL.</summary>
    private static string Argument(string text) => text.Split('\0')[0];

    private static void Parse(string line) => _ = CommandLine.Read(line.Split('\0'));

    private static void ReadArchive(byte[] bytes)
    {
        var reader = new TarReader(Bytes.Input(bytes));
        while (reader.Next() is not null)
        {
            while (reader.Remaining > 0)
            {
                _ = reader.TakeData(1 << 20);
            }
        }
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
