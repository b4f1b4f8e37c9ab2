using System;
using System.Linq;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests.Zfs;

/// <summary>kvol does not remove a volume that something depends on or holds, and the message names that.</summary>
[Trait("Needs", "Machine")]
public class RemovingIsCareful
{
    [Fact]
    public void Snapshots_need_force_holds_clones_and_datasets_inside_are_named()
    {
        using var box = new ZfsBox();
        box.Shell("$KVOL create web && echo x >/$V/web/x && zfs snapshot $V/web@one && zfs snapshot $V/web@two").Ok();
        box.Kvol("rm", "web").Refused(75, "2 snapshot", "@two", "rm -f");
        box.Shell("zfs hold keep $V/web@one").Ok();
        box.Kvol("rm", "-f", "web").Refused(75, "@one", "held");
        Assert.Equal("yes", box.Get("mounted", "$V/web"));
        box.Shell("zfs release keep $V/web@one && zfs clone $V/web@one $P/clone").Ok();
        box.Kvol("rm", "-f", "web").Refused(75, "origin", "clone");
        box.Shell("zfs destroy $P/clone && zfs create $V/web/inside").Ok();
        box.Kvol("rm", "-f", "web").Refused(75, "inside");
        Assert.Equal("x\n", box.Shell("cat /$V/web/x && zfs list $V/web@two >/dev/null").Ok().Out);
        box.Shell("zfs destroy $V/web/inside").Ok();
        box.Kvol("rm", "-f", "web").Ok();
        Assert.NotEqual(0, box.Shell("zfs list $V/web").Exit);
    }

    [Fact]
    public void A_busy_volume_stays_mounted_and_the_holder_is_named()
    {
        using var box = new ZfsBox();
        box.Shell("$KVOL create web").Ok();
        using var holder = box.StartShell("cd /$V/web && exec sleep 1000");
        while (box.Shell("ls -l /proc/*/cwd 2>/dev/null | grep -q $V/web").Exit != 0)
        {
        }

        box.Kvol("rm", "web").Refused(75, "busy", "sleep");
        Assert.Equal("yes", box.Get("mounted", "$V/web"));
        holder.Signal(9);
        holder.Wait();
        box.Kvol("rm", "web").Ok();
    }

    [Fact]
    public void A_dataset_mounted_by_hand_somewhere_else_is_in_use()
    {
        using var box = new ZfsBox();
        box.Shell("$KVOL create web && mkdir $T/hand && mount --bind /$V/web $T/hand").Ok();
        box.Kvol("rm", "web").Refused(75, "/hand");
        box.Shell("umount $T/hand && unshare -m sh -c 'mkdir -p $T/hand && mount -t zfs -o zfsutil $V/web $T/hand && $KVOL rm web'")
            .RefusedAny(75);
    }

    [Fact]
    public void Umount_leaves_the_volumes_own_mount_alone()
    {
        using var box = new ZfsBox();
        box.Fill("/srv", 5);
        box.Mount("web:/srv", "logs:/var/log").Ok();
        box.Umount().Ok();
        Assert.Equal("yes yes", box.Get("mounted", "$V/web") + " " + box.Get("mounted", "$V/logs"));
        Assert.Equal("", box.Shell("ls -A $R/var 2>/dev/null || true").Ok().Out);
    }
}
