using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Text;

namespace Kvol.Native;

/// <content>What is Linux's own.</content>
internal static partial class Host
{
    /// <summary>Whether this process has another mount namespace than process 1, mount_namespaces(7); false where that cannot be
    /// seen.</summary>
    public static bool HasOwnMounts
    {
        get
        {
            try
            {
                var first = Files.ReadSymbolicLink(Files.Here, new ByteString("/proc/1/ns/mnt"));
                return !Files.ReadSymbolicLink(Files.Here, new ByteString("/proc/self/ns/mnt")).Equals(first);
            }
            catch (NativeException e) when (!e.IsWrongQuestion)
            {
                return false; // it is only for advice, so no failure of it may end a command
            }
        }
    }

    /// <summary>Whether this process is in another PID namespace than the first one, pid_namespaces(7), and so sees its processes only. The
    /// first one has a fixed inode number, PROC_PID_INIT_INO of include/linux/proc_ns.h; false where that cannot be seen.</summary>
    public static bool HasOwnProcesses
    {
        get
        {
            try
            {
                return Files.ReadSymbolicLink(Files.Here, new ByteString("/proc/self/ns/pid")).ToString() != $"pid:[{0xEFFFFFFC}]";
            }
            catch (NativeException e) when (!e.IsWrongQuestion)
            {
                return false; // it is only for advice
            }
        }
    }

    /// <summary>False: Linux has no jails.</summary>
    public static bool IsJailed => false;

    /// <summary>0: flags can always be lifted.</summary>
    public static int SecureLevel => 0;

    /// <summary>Where the configuration is by default.</summary>
    public static string ConfigPath => "/etc/kvol.conf";

    /// <summary>Where volumes live by default.</summary>
    public static string DefaultRoot => "/var/lib/kvol";

    /// <summary>What kind of mount a host mount is called here.</summary>
    public static string BindType => "bind";

    /// <summary>The options of such a mount in the configuration of a container, besides those of the mount itself: without "bind" it
    /// would be a mount of a device, and "rprivate" keeps in the container what is mounted in it (runtime-spec, config-linux.md).</summary>
    public static IReadOnlyList<string> ContainerOptions => ["bind", "rprivate"];

    /// <summary>The signal that asks for progress: SIGUSR1, signal(7).</summary>
    public static PosixSignal ProgressSignal => (PosixSignal)Libc.SIGUSR1;

    /// <summary>What the mount calls need of the system, for people.</summary>
    public static string MountRequirement => "Linux 5.12 or later (open_tree, mount_setattr, move_mount)";

    /// <summary>Differs after every boot: random(4).</summary>
    public static string BootId => Encoding.ASCII.GetString(Files.ReadProc("/proc/sys/kernel/random/boot_id")).Trim();

    /// <summary>Where this host's id is, which stays the same over reboots: machine-id(5).</summary>
    public static string IdPlace => "/etc/machine-id";

    /// <summary>What makes the id.</summary>
    public static string IdMaker => "systemd-machine-id-setup";

    /// <summary>This host's id as it is there; null if it is not there, or not yet ("uninitialized").</summary>
    public static string? Id => SmallFile.Find(new ByteString(IdPlace)) is { } text && Encoding.ASCII.GetString(text).Trim() is var id
        && id != "uninitialized" ? id : null;

    /// <summary>This host's name, as hostname(1) prints it.</summary>
    public static string Name => Encoding.UTF8.GetString(Files.ReadProc("/proc/sys/kernel/hostname")).Trim();

    /// <summary>What to do where libzfs_core is missing.</summary>
    public static string ZfsLibraryHint => "install libzfs4linux or the package that holds libzfs_core";

    /// <summary>What to do where /dev/zfs is missing.</summary>
    public static string ZfsModuleHint => "load the module: modprobe zfs";

    /// <summary>The property that gives a dataset to a jail or container: zfsprops(7).</summary>
    public static string DelegatedProperty => "zoned";

    /// <summary>The inode number of the directory .zfs: ZFSCTL_INO_ROOT, include/sys/zfs_ctldir.h of OpenZFS.</summary>
    public static ulong SnapshotDirectoryInode => 0xffff_ffff_ffff;

    /// <summary>The file systems without a source that a jail or container may be given: tmpfs(5).</summary>
    public static IReadOnlyList<string> NewFileSystems => ["tmpfs"];

    /// <summary>The options that a mount of this system cannot honour, each with the reason.</summary>
    public static IReadOnlyList<(MountFlags Flag, string Reason)> UnsupportedFlags => [(MountFlags.NoCache, NoCache)];

    /// <summary>Those that a new file system such as tmpfs(5) cannot honour.</summary>
    public static IReadOnlyList<(MountFlags Flag, string Reason)> UnsupportedByNew => UnsupportedFlags;

    /// <summary>Why no mount of this system can show other owners; null: mounts can.</summary>
    public static string? NoIdMaps => null;

    private const string NoCache = "nocache is an option of nullfs on FreeBSD; a bind mount has no cache of its own";

    /// <summary>Prepares this process: files get exactly the modes that kvol gives, and the descriptor limit becomes the largest that the
    /// administrator allows. Returns that limit.</summary>
    public static int Prepare()
    {
        _ = Libc.umask(0);
        if (Libc.getegid() != 0)
        {
            _ = Libc.setegid(0); // new files belong to root's group, whoever called
        }

        return RaiseDescriptorLimit();
    }
}
