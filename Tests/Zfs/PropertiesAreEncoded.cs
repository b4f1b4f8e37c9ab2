using System.Linq;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests.Zfs;

/// <summary>What <c>-o</c> was given is what zfs(8) reads back.</summary>
[Trait("Needs", "Machine")]
public class PropertiesAreEncoded
{
    [Fact]
    public void Every_value_arrives_as_it_was_written()
    {
        using var box = new ZfsBox();
        string[][] sets =
        [
            ["atime=off", "relatime=on", "devices=off", "exec=off", "setuid=off", "canmount=noauto", "checksum=sha512", "copies=2",
                "sync=always", "logbias=throughput",
                "primarycache=metadata", "secondarycache=none", "xattr=sa", "snapdir=visible", "dnodesize=auto", "redundant_metadata=most",
                    "acltype=posix", "aclinherit=passthrough-x",
                "casesensitivity=mixed", "normalization=formKD", "utf8only=on", "compression=zstd-fast-100", "recordsize=16384",
                    "reservation=1048576", "refreservation=2097152",
                "quota=33554432", "dedup=verify", "overlay=off", "aclmode=groupmask", "nbmand=on"],
            ["readonly=on", "checksum=skein", "compression=gzip-9", "xattr=dir", "aclinherit=noallow", "casesensitivity=insensitive",
                "normalization=formC", "acltype=nfsv4", "copies=3", "sync=disabled"],
            ["compression=zstd-19", "checksum=edonr", "normalization=formD", "acltype=off", "aclinherit=discard"],
            ["compression=zle", "checksum=fletcher4", "normalization=formKC", "aclmode=passthrough", "snapdir=hidden"],
            ["compression=zstd-fast-1", "checksum=sha256"], ["compression=zstd-fast-1000"], ["compression=lz4"], ["compression=lzjb"],
                ["compression=zstd"], ["compression=gzip"], ["compression=on"],
        ];
        for (var i = 0; i < sets.Length; i++)
        {
            box.Kvol(["create", $"v{i}", .. sets[i].SelectMany(o => (string[])["-o", o])]).Ok();
            var names = string.Join(',', sets[i].Select(o => o.Split('=')[0]));
            var read = box.Shell($"zfs get -H -p -o property,value {names} $V/v{i}").Ok().Lines.Select(l => l.Replace('\t', '='));
            // zfs(8) writes the first of the fast levels of zstd without a number, and 'sa' as 'on' from 2.3 on.
            Assert.Equal(sets[i].Order(),
                read.Select(o => o == "compression=zstd-fast" ? "compression=zstd-fast-1" : o == "xattr=on" ? "xattr=sa" : o).Order());
        }
    }

    [Theory]
    [InlineData("recordsize=3000", "recordsize")]
    [InlineData("mountpoint=relative", "mountpoint")]
    [InlineData("copies=4", "copies")]
    [InlineData("compression=fast", "compression")]
    [InlineData("nonsense=1", "nonsense")]
    [InlineData("kvol:seed=x", "kvol's own")]
    [InlineData("Upper:case=x", "lower-case")]
    [InlineData("atime", "PROP=VALUE")]
    public void A_bad_one_is_named_and_nothing_is_made(string option, string word)
    {
        using var box = new ZfsBox();
        box.Kvol("create", "web", "-o", "atime=off", "-o", option).Refused(64, word);
        Assert.NotEqual(0, box.Shell("zfs list $V/web").Exit);
    }
}
