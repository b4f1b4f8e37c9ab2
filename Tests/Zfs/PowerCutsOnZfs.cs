using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Kvol.Tests.Support;
using Kvol.Tests.Torture;
using Xunit;

namespace Kvol.Tests.Zfs;

/// <summary>The power goes at any moment of a seeding; after the reboot the volume is untouched or complete.</summary>
[Trait("Needs", "Machine")]
public class PowerCutsOnZfs
{
    private const string Setting =
        "export KVOL_ROOT=cut/kvol KVOL_RUN=/tmp/run KVOL_CONFIG=/tmp/kvol.conf; mkdir -p /tmp/run; : >$KVOL_CONFIG; ";
    private const string Sums =
        "find . ! -path ./.zfs ! -name . -printf '%P %y %m %U:%G %s %T@ %l\\n' | grep -v ' d .*' | sort; find . -type d -printf '%P %m "
        + "%T@\\n' | sort; find . -type f -exec sha256sum {} + | sort";

    private static Guest Guest => Guest.Current;

    [Fact]
    public void After_a_cut_of_power_every_volume_is_untouched_or_complete_and_the_next_mount_completes_it()
    {
        var random = new Random(20260);
        Guest.Shell("zpool create -f -O mountpoint=/cut cut /dev/vda1 && zfs create -o mountpoint=/cut/root cut/root && mkdir "
            + "/cut/root/srv && cd /cut/root/srv"
            + " && for i in $(seq 60); do mkdir d$i; for j in $(seq 10); do head -c $((j * 700)) /dev/urandom >d$i/f$j; done; done && "
                + "ln d1/f1 d2/hard && chmod 4711 d3/f3 && zpool sync").Ok();
        var before = Guest.Shell("cd /cut/root/srv && " + Sums).Ok().Out;
        // How long one takes says where to aim; nothing is asserted about time.
        var started = DateTime.UtcNow;
        Guest.Shell(Setting + "$KVOL mount /cut/root probe:/srv && $KVOL umount /cut/root").Ok();
        var length = (DateTime.UtcNow - started).TotalMilliseconds;
        var states = new HashSet<string>();
        var cuts = (int)Campaign.Size("ZFS_CUTS", 8);
        for (var round = 0; round < cuts || states.Count == 1; round++)
        {
            Assert.True(round < 5 * cuts, "every cut came at the same stage: " + string.Join(' ', states));
            var name = "v" + round;
            using (var mount = Guest.StartShell(Setting + $"$KVOL mount /cut/root {name}:/srv"))
            {
                Thread.Sleep((int)(random.NextDouble() * length));
                var finished = mount.HasExited;
                Guest.PowerCut();
                Guest.Shell("zpool import -f -d /dev cut").Ok();
                var state = Guest.Shell(Setting
                    + $"$KVOL inspect {name} 2>/dev/null | sed -n 's/.*\"state\": \"\\(.*\\)\".*/\\1/p'").Out.Trim();
                states.Add(state);
                Assert.True(!finished || state == "ready", $"{name} was complete before the power went, and is '{state}' now");
                if (state == "ready")
                {
                    Assert.Equal(before, Guest.Shell($"cd /cut/kvol/volumes/{name} && " + Sums).Ok().Out);
                }
            }

            Guest.Shell(Setting + $"$KVOL mount /cut/root {name}:/srv").Ok();
            Assert.Equal(before, Guest.Shell("cd /cut/root/srv && " + Sums).Ok().Out);
            Guest.Shell(Setting + $"$KVOL umount /cut/root && $KVOL rm {name}").Ok();
        }

        Guest.Shell("zpool destroy -f cut").Ok();
    }
}
