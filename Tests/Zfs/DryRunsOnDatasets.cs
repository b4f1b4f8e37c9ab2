using System.Linq;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests.Zfs;

/// <summary>The commands that -n prints for a ZFS store, run by sh(1), do what kvol does.</summary>
[Trait("Needs", "Machine")]
public class DryRunsOnDatasets
{
    // Everything but ids and times: datasets, their own properties, and mounts.
    private const string State = """
        {
            zfs list -H -o name -t all -r $S
            zfs get -H -s local,received -t all -o name,property,value all -r $S
            zfs get -H -t filesystem -o name,property,value mounted,mountpoint,encryption,keystatus,origin -r $S
        } | grep -v 'kvol:created\|kvol:deleted.at\|kvol:deleted.since\|kvol:deleted.until' | sort |
            sed 's/kvol-clone-[0-9a-f]*/kvol-clone-ID/; s|/deleted/[0-9a-f]*|/deleted/ID|' |
            sed 's/"at": *"[^"]*"/"at"/; s/kvol:group\t.*/kvol:group/'
        zfs list -H -t bookmark -o name -r $S
        findmnt -rno TARGET,SOURCE,OPTIONS | grep "$P/" | sort

        """;

    private static readonly string[] Commands =
    [
        "init",
        "create web -l tier=front -l 'note=it is a web' --quota 64M -o compression=lz4 --owner 7:8 --mode 0750",
        "create db", "create",
        "create secret --encrypt --key-file $T/key",
        "set web quota=32M label.tier= label.x='a b' atime=off compression=zstd",
        "snapshot web@one", "snapshot web@two db@two",
        "export web@two --format zfs -o $T/out", "export web@two --format zfs --since one -o $T/out",
        "snapshot db@three",
        "clone web@one copy -l of=web", "clone db twin", "clone db@two own --promote",
        "rename copy third",
        "rollback web@one -r",
        "rm third", "rm web@one", "rm -f web", "rm -f twin db own",
        "unload-key secret", "load-key secret",
        "mount $R new:/a/b:ro", "umount $R",
        "mount $R new:/a:nosuid secret:/a/s", "umount $R /a/s", "rm -f new",
        "rm --keep 1d secret", "undelete secret",
    ];

    [Fact]
    public void What_is_printed_does_what_kvol_does()
    {
        using ZfsBox real = new(init: false), byHand = new(init: false);
        foreach (var box in (ZfsBox[])[real, byHand])
        {
            box.Shell("printf '%064d' 1 >$T/key").Ok();
        }

        foreach (var command in Commands)
        {
            var anonymous = command == "create";
            real.Shell($"$KVOL {command}").Ok();
            var before = byHand.Shell(State).Out;
            var steps = byHand.Shell($"$KVOL {command} -n").Ok().Out;
            Assert.Equal(before, byHand.Shell(State).Out);
            byHand.Shell($"cat >$T/steps <<'END'\n{steps}END\nset -e; . $T/steps").Ok();
            if (anonymous)
            {
                // The name is random.
                real.Shell("zfs rename $V/$($KVOL ls -q --filter anonymous=true) $V/random").Ok();
                byHand.Shell("zfs rename $V/$($KVOL ls -q --filter anonymous=true) $V/random").Ok();
            }

            Assert.Equal(command + "\n" + Named(real), command + "\n" + Named(byHand));
        }
    }

    [Fact]
    public void Nothing_is_mounted_loaded_or_made_by_a_dry_run()
    {
        using var box = new ZfsBox(init: false);
        box.Shell("rmdir $T/run").Ok();
        box.Kvol("mount", "-n", box.Top + "/root", "v:/data").Ok();
        box.Shell("! zfs list $S && test ! -e $T/run").Ok();
        box.Shell("mkdir $T/run && $KVOL init && $KVOL create v && $KVOL create w && zfs unmount $V/v").Ok();
        var before = box.Shell(State + "zpool history -i $P | wc -l").Ok().Out;
        var lines = box.Kvol("mount", "-n", box.Top + "/root", "v:/data").Ok().Lines;
        Assert.Contains($"zfs mount {box.Get("name", "$V/v")}", lines);
        Assert.Contains($"mkdir -p {box.Top}/root/data", lines);
        box.Kvol("mount", "-n", box.Top + "/root", "none:/x:nocreate").Refused(66);
        box.Kvol("set", "-n", "w", "quota=1M").Ok();
        box.Shell("dd if=/dev/urandom of=/$V/w/f bs=1M count=4 status=none && zpool sync").Ok();
        before = box.Shell(State + "zpool history -i $P | wc -l").Ok().Out;
        box.Kvol("set", "-n", "w", "quota=1M").Refused(64, "is less than");
        box.Shell("$KVOL snapshot w@a && $KVOL clone w@a x").Ok();
        before = box.Shell(State + "zpool history -i $P | wc -l").Ok().Out;
        box.Kvol("rm", "-n", "w").Refused(75, "x");
        box.Kvol("rollback", "-n", "w@none").Refused(66);
        box.Kvol("export", "-n", "w", "--format", "zfs", "-o", box.Top + "/w.zfs").Ok();
        box.Kvol("export", "-n", "w@a", "-o", box.Top + "/w.tar").Ok();
        Assert.Equal(before, box.Shell(State + "zpool history -i $P | wc -l").Ok().Out);
    }

    private static string Named(ZfsBox box) => box.Shell(State).Ok().Out.Replace(box.Pool + "/", "POOL/").Replace(box.Pool + "[", "POOL[")
        .Split('\n').Select(l => l.TrimEnd()).Aggregate((a, b) => a + "\n" + b);
}
