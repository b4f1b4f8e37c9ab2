using System;
using System.Linq;
using System.Text;
using Kvol.Storage.Archives;
using Kvol.Storage.Values;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests.Unit;

/// <summary>What Docker and podman wrote is read as they meant it; whatever else is in the files, nothing is read beyond their
/// end.</summary>
public class ForeignDatabases(ITestOutputHelper output)
{
    [Fact]
    public void Volumes_of_Docker_are_in_one_bucket()
    {
        var volumes = BoltFile.Open(new(Captured.Bytes(Captured.Docker), "f")).Entries("volumes");
        Assert.Equal(["bound", "db", "web"], volumes.Select(v => v.Key).Where(k => k.Length < 64));
        Assert.Contains("\"tier\":\"front\"", Encoding.UTF8.GetString(volumes.Single(v => v.Key == "web").Value.Span));
        Assert.All(volumes, v => Assert.False(v.IsBucket));
        Assert.Empty(BoltFile.Open(new(Captured.Bytes(Captured.Docker), "f")).Entries("volumes", "web"));
        Assert.Empty(BoltFile.Open(new(Captured.Bytes(Captured.Docker), "f")).Entries("none"));
    }

    [Fact]
    public void Each_volume_of_podman_is_a_bucket()
    {
        var file = BoltFile.Open(new(Captured.Bytes(Captured.Podman), "f"));
        var volumes = file.Entries("vol");
        Assert.All(volumes, v => Assert.True(v.IsBucket));
        Assert.Contains("pdb", volumes.Select(v => v.Key));
        Assert.Contains("\"tier\":\"back\"", Encoding.UTF8.GetString(file.Entries("vol", "pdb").Single(e => e.Key == "config").Value.Span));
    }

    [Fact]
    public void A_damaged_copy_of_the_header_is_passed_over()
    {
        var all = Captured.Bytes(Captured.Podman);
        all[40] ^= 1;
        Assert.NotEmpty(BoltFile.Open(new(all, "f")).Entries("vol"));
        all[4096 + 40] ^= 1;
        Assert.Equal(ExitStatus.Damaged, Assert.Throws<KvolException>(() => BoltFile.Open(new(all, "f"))).Status);
    }

    [Fact]
    public void Rows_of_SQLite_are_read_through_all_kinds_of_pages()
    {
        var file = SqliteFile.Open(new(Captured.Bytes(Captured.PodmanSqlite), "f"));
        var rows = file.Rows("VolumeConfig")!;
        Assert.Equal(43, rows.Count);
        Assert.Equal(new string('f', 64), rows[1][0]);
        Assert.Null(rows[0][1]);
        Assert.Contains(new string('x', 3000), rows[0][2]); // over several pages
        Assert.Null(file.Rows("Nothing"));
    }

    [Fact]
    public void Nothing_is_read_beyond_the_end_of_a_damaged_one()
    {
        var fuzzer = new Fuzzer(output);
        fuzzer.Fuzz("databases of bbolt", [Captured.Bytes(Captured.Docker), Captured.Bytes(Captured.Podman)], bytes =>
        {
            var file = BoltFile.Open(new(bytes, "f"));
            foreach (var bucket in file.Entries("vol"))
            {
                _ = file.Entries("vol", bucket.Key);
            }

            _ = file.Entries("volumes");
        });
        fuzzer.Fuzz("databases of SQLite", [Captured.Bytes(Captured.PodmanSqlite)], bytes =>
            _ = SqliteFile.Open(new(bytes, "f")).Rows("VolumeConfig"));
    }

    [Fact]
    public void Half_a_character_in_JSON_is_no_text()
    {
        var bytes = new ForeignBytes("""{"a":"\ud800","m":{"\ud800":"x","k":"v"},"l":["\ud800","o",1]}"""u8.ToArray(), "f");
        var json = ForeignFiles.Json(bytes.All, bytes);
        Assert.Equal("", json.TextOf("a"));
        Assert.Equal(["k"], json.TextsOf("m").Keys);
        Assert.Equal(["o"], json.Member("l").Texts());
    }

    [Theory]
    [InlineData("/usr/ports /j/usr/ports nullfs ro 0 0", "/usr/ports:/usr/ports:ro")]
    [InlineData("/a\\040b\t/j/c\\011d nullfs rw,nosuid,late", "/a b:/c\td:nosuid")]
    [InlineData("/a /j/b none bind,ro", "/a:/b:ro")]
    [InlineData("/a /j/b none rbind,noexec", "/a:/b:noexec,recursive")]
    [InlineData("/a:b /j/c nullfs rw", "/a\\:b:/c")]
    [InlineData("tmpfs /j/tmp tmpfs rw,size=64m,mode=1777,uid=3,gid=4", "type=tmpfs,destination=/tmp,size=64m,mode=1777,owner=3:4")]
    public void A_line_of_fstab_is_a_SPEC(string line, string spec)
    {
        foreach (var root in (string[])["/j", "/j/"])
        {
            var host = FstabFile.Parse("# a comment\n\n" + line + "\n", "f", root);
            Assert.Empty(host.Left);
            Assert.Equal(MountSpec.Parse(spec), Assert.Single(Assert.Single(host.Roots).Mounts));
        }
    }

    [Theory]
    [InlineData("/a /elsewhere/b nullfs rw", "is not below /j")]
    [InlineData("/a /jj/b nullfs rw", "is not below /j")]
    [InlineData("/a /j/../etc nullfs rw", "'..'")]
    [InlineData("proc /j/proc procfs rw", "no mounts of type procfs")]
    [InlineData("a /j/b nullfs rw", "not an absolute path")]
    [InlineData("/a /j/b nullfs rw,noauto", "no option noauto")]
    [InlineData("/a /j/b nullfs rw,sync", "no option sync")]
    [InlineData("tmpfs /j/tmp tmpfs rw,gid=4", "no option gid")]
    [InlineData("tmpfs /j/tmp tmpfs rw,size=50%", "size")]
    [InlineData("/a /j/b", "at least")]
    [InlineData("/a /j/b nullfs rw\n/c /j//b nullfs rw", "mount point already")]
    [InlineData("/a\\000b /j/b nullfs rw", "zero")]
    [InlineData("/a /j/b\\000c nullfs rw", "zero")]
    public void A_line_that_cannot_be_one_is_named(string lines, string reason)
    {
        var left = Assert.Single(FstabFile.Parse(lines, "f", "/j").Left);
        Assert.Contains(reason, left);
        Assert.Contains("line ", left);
    }
}
