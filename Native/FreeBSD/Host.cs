using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Text;

namespace Kvol.Native;

/// <content>What is FreeBSD's own.</content>
internal static partial class Host
{
    /// <summary>Whether this process is in a jail: security.jail.jailed, jail(8). statfs(2) gives no f_fsid there (prison_enforce_statfs
    /// and its callers, sys/kern/vfs_syscalls.c).</summary>
    public static bool IsJailed => Sysctl.Read("security.jail.jailed") is { } jailed && jailed.AsSpan().ContainsAnyExcept((byte)0);

    /// <summary>kern.securelevel: above 0 the flags of the system cannot be lifted, security(7).</summary>
    public static int SecureLevel => Sysctl.Read("kern.securelevel") is { Length: sizeof(int) } level ? BitConverter.ToInt32(level) : 0;

    /// <summary>False: all processes have one mount table.</summary>
    public static bool HasOwnMounts => false;

    /// <summary>False: FreeBSD has no PID namespaces, and kvol runs outside jails.</summary>
    public static bool HasOwnProcesses => false;

    /// <summary>Where the configuration is by default: below the prefix that kvol was built for, hier(7).</summary>
    public static string ConfigPath => Prefix.Path + "/etc/kvol.conf";

    /// <summary>Where volumes live by default, hier(7).</summary>
    public static string DefaultRoot => "/var/db/kvol";

    /// <summary>What kind of mount a host mount is called here, mount_nullfs(8).</summary>
    public static string BindType => "nullfs";

    /// <summary>The options of such a mount in the configuration of a container, besides those of the mount itself: none, its type says
    /// all.</summary>
    public static IReadOnlyList<string> ContainerOptions => [];

    /// <summary>The signal that asks for progress: SIGINFO, which a terminal sends for Ctrl-T, signal(3).</summary>
    public static PosixSignal ProgressSignal => (PosixSignal)Libc.SIGINFO;

    /// <summary>What the mount calls need of the system, for people: nmount(2).</summary>
    public static string MountRequirement => "nmount with nullfs (FreeBSD; a single file can be mounted from 13.5 on)";

    /// <summary>Differs after every boot: kern.boot_id of sysctl(3), 13.0 and later. kern.boottime is only the fallback, because it moves
    /// when the clock is stepped.</summary>
    public static string BootId =>
        Convert.ToHexStringLower(Sysctl.Read("kern.boot_id") ?? Sysctl.Read("kern.boottime")
            ?? throw new NativeException("sysctl", "kern.boottime", Marshal.GetLastPInvokeError()));

    /// <summary>Where this host's id is, which stays the same over reboots: the sysctl that rc(8) sets from /etc/hostid.</summary>
    public static string IdPlace => "kern.hostuuid";

    /// <summary>What makes the id.</summary>
    public static string IdMaker => "service hostid reset";

    /// <summary>This host's id as it is there; null if none is set.</summary>
    public static string? Id => Text("kern.hostuuid") is { Length: > 0 } id && id.AsSpan().ContainsAnyExcept("0-") ? id : null;

    /// <summary>This host's name, as hostname(1) prints it.</summary>
    public static string Name => Text("kern.hostname") ?? "";

    private static string? Text(string name) =>
        Sysctl.Read(name) is { } value ? Encoding.UTF8.GetString(value).TrimEnd('\0') : null;

    /// <summary>What to do where libzfs_core is missing.</summary>
    public static string ZfsLibraryHint => "it is part of the base system unless that was built WITHOUT_ZFS";

    /// <summary>What to do where /dev/zfs is missing.</summary>
    public static string ZfsModuleHint => "load the module: kldload zfs, and zfs_enable=YES in rc.conf";

    /// <summary>The property that gives a dataset to a jail or container: zfsprops(7).</summary>
    public static string DelegatedProperty => "jailed";

    /// <summary>The inode number of the directory .zfs: ZFSCTL_INO_ROOT, include/sys/zfs_ctldir.h of OpenZFS.</summary>
    public static ulong SnapshotDirectoryInode => 1;

    /// <summary>The file systems without a source that a jail may be given: tmpfs(5), fdescfs(5), linprocfs(5), linsysfs(5). devfs(5) is
    /// not among them, because it shows the devices of the host until devfs(8) gives it a rule set.</summary>
    public static IReadOnlyList<string> NewFileSystems => ["tmpfs", "fdescfs", "linprocfs", "linsysfs"];

    /// <summary>The options that a mount of this system cannot honour, each with the reason: nullfs(5) takes noatime and does nothing with
    /// it.</summary>
    public static IReadOnlyList<(MountFlags Flag, string Reason)> UnsupportedFlags =>
    [
        (MountFlags.NoAccessTime, "noatime cannot be set on a nullfs mount; set it on the file system below"),
        (MountFlags.NoDevices, NoDevices),
    ];

    /// <summary>Those that a new file system cannot honour: tmpfs(5) refuses the name noatime (tmpfs_opts of
    /// sys/fs/tmpfs/tmpfs_vfsops.c).</summary>
    public static IReadOnlyList<(MountFlags Flag, string Reason)> UnsupportedByNew =>
        [(MountFlags.NoAccessTime, "tmpfs has no option noatime on FreeBSD"), (MountFlags.NoDevices, NoDevices)];

    /// <summary>Why no mount of this system can show other owners; null: mounts can.</summary>
    public static string? NoIdMaps => "idmap is for Linux: FreeBSD has no user namespaces, and a jail has the ids of the host";

    private const string NoDevices = "nodev is for Linux: on FreeBSD a device can be opened only on devfs, so leave it out";

    /// <summary>Prepares this process: calls that an older kernel lacks fail instead of ending it (signal(3)), files get exactly the modes
    /// that kvol gives (umask(2)), and the descriptor limit becomes the largest that the administrator allows (setrlimit(2)). Returns that
    /// limit.</summary>
    public static int Prepare()
    {
        // nosys, sys/kern/kern_sig.c: a call that the kernel does not know raises SIGSYS, which ends the process; when SIGSYS is ignored,
        // the call fails with ENOSYS.
        _ = Libc.signal(Libc.SIGSYS, Libc.SIG_IGN);
        _ = Libc.umask(0);
        _ = Libc.setegid(0); // new files belong to root's group, whoever called
        return RaiseDescriptorLimit();
    }
}
