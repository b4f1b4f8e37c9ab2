using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text.Json;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

/// <summary>Quotas of a directory store, on file systems of the test machine, whose kernel has project quotas.</summary>
[Trait("System", "Linux")]
[Trait("Needs", "Machine")]
public class Quotas
{
    [Theory]
    [InlineData("xfs")]
    [InlineData("ext4")]
    public void A_quota_holds_and_goes_where_the_volume_goes(string type)
    {
        using var disk = new Disk(type, "prjquota");
        disk.Shell("$KVOL create v --quota 20M --mode 777").Ok();
        Assert.Equal("v\tquota\t20971520\n", disk.Shell("$KVOL get -H v quota").Ok().Out);
        Assert.Equal(20971520, disk.Json("inspect v")[0].GetProperty("quota").GetInt64());
        Assert.Equal(20971520, disk.Json("df --json v")[0].GetProperty("quota").GetInt64());
        Assert.InRange(disk.Json("df --json v")[0].GetProperty("available").GetInt64(), 1, 20971520);
        var project = disk.ProjectOf("$V/v/data");
        Assert.InRange(project, 0x40000000, 0x7fffffff);

        // Root may write past a limit of ext4, and not past one of XFS.
        Assert.NotEqual(0, disk.Write("v", "f", 30).Exit);
        disk.Shell("sync && test $(du -sk $V/v/data | cut -f1) -le 20480 && test $(du -sk $V/v/data | cut -f1) -gt 15000").Ok();
        disk.Shell("$KVOL set v quota=5M label.a=1").Refused(64, "quota=5M", "less than the");
        Assert.Equal("v\tlabel.a\t-\n", disk.Shell("$KVOL get -H v label.a").Ok().Out);
        disk.Shell("$KVOL set v quota=40M label.a=1").Ok();
        disk.Write("v", "g", 10).Ok();
        disk.Shell("$KVOL rename v w && $KVOL rm --keep 100 w && $KVOL undelete w").Ok();
        Assert.Equal(project, disk.ProjectOf("$V/w/data"));
        Assert.Equal(project, disk.ProjectOf("$V/w/data/g"));
        Assert.Equal("w\tquota\t41943040\nw\tlabel.a\t1\n", disk.Shell("$KVOL get -H w").Ok().Out);

        // A clone is another volume, with none of its own; another volume's project is another one.
        disk.Shell("$KVOL clone w c && $KVOL create x --quota 1G && $KVOL export w | $KVOL import i").Ok();
        Assert.Equal("c\tquota\tnone\n", disk.Shell("$KVOL get -H c quota").Ok().Out);
        Assert.Equal(0, disk.ProjectOf("$V/c/data"));
        Assert.Equal(0, disk.ProjectOf("$V/i/data/g"));
        Assert.NotEqual(project, disk.ProjectOf("$V/x/data"));
        disk.Shell("$KVOL set w quota=none").Ok();
        disk.Write("w", "h", 60).Ok();
        Assert.Equal("null", disk.Json("inspect w")[0].GetProperty("quota").GetRawText());

        // With a volume goes its limit, and the next one finds none.
        var last = disk.ProjectOf("$V/x/data");
        Assert.Contains($"#{last} ", disk.Shell("xfs_quota -f -x -c 'report -pnN' $M").Ok().Out);
        disk.Shell("$KVOL rm x").Ok();
        Assert.DoesNotContain($"#{last} ", disk.Shell("xfs_quota -f -x -c 'report -pnN' $M").Ok().Out);
    }

    [Theory]
    [InlineData("xfs")]
    [InlineData("ext4")]
    public void What_fills_a_volume_and_what_is_there_already_counts(string type)
    {
        using var disk = new Disk(type, "prjquota");
        disk.Shell("mkdir -p $T/from/sub/deep && head -c 3M /dev/urandom >$T/from/sub/deep/f && ln $T/from/sub/deep/f $T/from/hard && "
            + "ln -s f $T/from/link && mkfifo $T/from/fifo && cp -a $T/from $T/fixed && $KVOL create s --quota 20M && $KVOL seed s $T/from"
            + " && $KVOL create t && cp -a $T/fixed/. $V/t/data/ && chattr +i $V/t/data/sub/deep/f && $KVOL set t quota=20M && tar -C "
                + "$T/from -cf $T/a.tar . && $KVOL create u --quota 20M && $KVOL import --into u $T/a.tar && sync").Ok();
        foreach (var volume in (string[])["s", "t", "u"])
        {
            var project = disk.ProjectOf($"$V/{volume}/data");
            Assert.InRange(project, 0x40000000, 0x7fffffff);
            Assert.Equal($"{volume}\tquota\t20971520\n", disk.Shell($"$KVOL get -H {volume} quota").Ok().Out);
            Assert.Equal((project, project, project), (disk.ProjectOf($"$V/{volume}/data/sub/deep/f"),
                disk.ProjectOf($"$V/{volume}/data/sub"), disk.ProjectOf($"$V/{volume}/data/hard")));
            disk.Shell($"$KVOL set {volume} quota=1M").Refused(64, "less than the 3");
        }

        Assert.Contains("i", disk.Shell("lsattr $V/t/data/sub/deep/f | cut -d' ' -f1").Ok().Out);
        disk.Shell("chattr -i $V/t/data/sub/deep/f && diff -r --no-dereference $T/from/sub $V/s/data/sub && diff -r $T/from/sub "
            + "$V/t/data/sub").Ok();
        if (type == "xfs")
        {
            var project = disk.ProjectOf("$V/s/data");
            disk.Shell("$KVOL snapshot s@a && echo more >$V/s/data/more && $KVOL rollback s@a && ! test -e $V/s/data/more").Ok();
            Assert.Equal((project, project, 0),
                (disk.ProjectOf("$V/s/data"), disk.ProjectOf("$V/s/data/sub/deep/f"), disk.ProjectOf("$V/s/snapshots/a/data")));
            disk.Shell("$KVOL set s quota=1M").Refused(64, "less than the 3");
        }
    }

    [Fact]
    public void Where_nothing_holds_a_directory_to_a_limit_a_quota_is_refused()
    {
        using var disk = new Disk("ext4", "noquota");
        disk.Shell("$KVOL create v").Ok();
        disk.Shell("$KVOL set v quota=10M").Refused(69, "prjquota");
        disk.Shell("$KVOL create w --quota 10M").Refused(69, "prjquota");
        Assert.Equal("v\n", disk.Shell("$KVOL ls -q && ! ls -A $V | grep new").Ok().Out);
        Assert.Equal("v\tquota\t-\n", disk.Shell("$KVOL get -H v quota").Ok().Out);
        using var inside = new Disk("xfs", "prjquota");
        inside.Shell("$KVOL create v && xfs_io -r -c 'chproj 42' -c 'chattr +P' $V && $KVOL set v quota=10M").Refused(69, "project 42");
    }

    /// <summary>A store on a file system in memory: $M where it is mounted, $V the volumes, $T a scratch directory.</summary>
    private sealed class Disk : IDisposable
    {
        private static int count;

        private readonly Dictionary<string, string> environment;

        public Disk(string type, string option)
        {
            var top = $"/tmp/quota{++count}";
            environment = new Dictionary<string, string>
            {
                ["T"] = top, ["M"] = top + "/m", ["V"] = top + "/m/store/volumes", ["KVOL_ROOT"] = top + "/m/store",
                    ["KVOL_RUN"] = top + "/run", ["KVOL_CONFIG"] = top + "/kvol.conf",
            };
            var make = type == "xfs" ? "mkfs.xfs -q" : "mkfs.ext4 -q -O project,quota -E quotatype=prjquota";
            Shell($"mkdir -p $M $T/run && : >$KVOL_CONFIG && truncate -s 400M $T/disk && {make} $T/disk && modprobe -a {type} quota_v2 "
                + $"&& mount -t {type} -o loop,{option} $T/disk $M").Ok();
        }

        public Result Shell(string script)
        {
            using var command = Guest.Current.Start(["bash", "-c", "set -o pipefail; " + script], environment, "/tmp");
            return command.Wait(600);
        }

        /// <summary>Megabytes written by an ordinary user, who cannot go through the store.</summary>
        public Result Write(string volume, string file, int megabytes) =>
            Shell($"unshare -m sh -c 'mount --bind $V/{volume}/data /mnt && setpriv --reuid 1000 --clear-groups dd if=/dev/zero "
                + $"of=/mnt/{file} bs=1M count={megabytes}'");

        public JsonElement Json(string arguments) => JsonDocument.Parse(Shell("$KVOL " + arguments).Ok().Out).RootElement;

        public long ProjectOf(string path) =>
            long.Parse(Shell($"lsattr -pd {path} | awk '{{ print $1 }}'").Ok().Out, CultureInfo.InvariantCulture);

        public void Dispose() => _ = Shell("umount $M; rm -rf --one-file-system $T");
    }
}
