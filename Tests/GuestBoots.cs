using System;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

/// <summary>The test machine is what the tests on ZFS rely on.</summary>
[Trait("System", "Linux")]
[Trait("Needs", "Machine")]
public class GuestBoots
{
    private static Guest Guest => Guest.Current;

    [Fact]
    public void It_has_OpenZFS_in_its_kernel_and_programs_of_the_same_version()
    {
        var versions = Guest.Shell("cat /sys/module/zfs/version; zfs version").Ok().Lines;
        Assert.Matches(@"^\d+\.\d+\.\d+", versions[0]);
        Assert.Equal(["zfs-" + versions[0], "zfs-kmod-" + versions[0]], versions[1..]);
    }

    [Fact]
    public void Kvol_runs_in_it()
    {
        Assert.Equal(Tool.Run(Box.Binary, "--version"), Guest.Run("kvol", "--version").Ok().Out);
    }

    [Fact]
    public void A_pool_on_a_file_is_made_and_destroyed()
    {
        Guest.Shell("truncate -s 256M /tmp/boots && zpool create -R /tmp/boots.d boots /tmp/boots && zfs create boots/a && zpool "
            + "destroy boots && rm /tmp/boots")
            .Ok();
        Assert.NotEqual(0, Guest.Shell("zpool list boots").Exit);
    }

    [Fact]
    public void Output_errors_status_and_input_come_through_unharmed()
    {
        var result = Guest.Shell("echo out; echo err >&2; exit 7");
        Assert.Equal(new Result(7, "out\n", "err\n"), result);

        var bytes = new byte[3_000_000];
        System.Random.Shared.NextBytes(bytes);
        using var sum = Guest.Start(["sha256sum"], null, input: bytes);
        Assert.StartsWith(System.Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes)), sum.Wait().Ok().Out);
        Assert.Equal(3_000_000, Guest.Shell("yes | head -c 3000000").Ok().Out.Length);
    }

    [Fact]
    public void Twenty_commands_run_at_once()
    {
        var running = new GuestCommand[20];
        for (var i = 0; i < running.Length; i++)
        {
            running[i] = Guest.StartShell($"touch /tmp/here.{i}; until [ -e /tmp/gate ]; do sleep 0.2; done; echo {i} through");
        }

        Guest.Shell("until [ $(ls /tmp/here.* | wc -l) = 20 ]; do sleep 0.2; done; touch /tmp/gate").Ok();
        for (var i = 0; i < running.Length; i++)
        {
            Assert.Equal($"{i} through\n", running[i].Wait(60).Ok().Out);
        }

        Guest.Shell("rm /tmp/here.* /tmp/gate").Ok();
    }

    [Fact]
    public void A_command_that_is_killed_says_so()
    {
        using var command = Guest.Start("sleep", "1000");
        command.Signal(15);
        Assert.Equal(128 + 15, command.Wait(60).Exit);
    }

    [Fact]
    public void A_machine_that_crashed_is_there_again_for_the_next_test()
    {
        Assert.Equal(GuestCommand.Lost, Guest.Shell("echo c >/proc/sysrq-trigger; sleep 60").Exit);
        Assert.True(System.Threading.SpinWait.SpinUntil(() => Guest.Shell("true").Exit == 0, TimeSpan.FromSeconds(60)));
    }

    [Fact]
    public void After_a_power_cut_the_disks_hold_what_was_written_and_nothing_else_is_left()
    {
        Guest.Shell("zpool create -O mountpoint=none kept /dev/vdd1 && zfs create kept/synced"
            + " && touch /tmp/forgotten && sync && zpool sync").Ok();
        var boot = Guest.Shell("cat /proc/sys/kernel/random/boot_id").Ok().Out;
        using var running = Guest.Start("sleep", "1000");
        Guest.PowerCut();
        Assert.Equal(GuestCommand.Lost, running.Wait(10).Exit);
        Assert.NotEqual(0, Guest.Shell("ls /tmp/forgotten").Exit);
        Assert.NotEqual(boot, Guest.Shell("cat /proc/sys/kernel/random/boot_id").Ok().Out);
        var clock = long.Parse(Guest.Shell("date +%s").Ok().Out);
        Assert.InRange(clock - DateTimeOffset.UtcNow.ToUnixTimeSeconds(), -60, 60);
        Assert.Equal("kept\nkept/synced\n", Guest.Shell("zpool import -f -d /dev/vdd1 kept && zfs list -H -o name -r kept").Ok().Out);
        Guest.Shell("zpool destroy kept").Ok();
    }
}
