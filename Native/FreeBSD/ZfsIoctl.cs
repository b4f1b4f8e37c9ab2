using System.Runtime.InteropServices;

namespace Kvol.Native;

/// <summary>How a zfs_cmd_t reaches the kernel: lib/libzfs_core/os/freebsd/libzfs_core_ioctl.c and
/// include/os/freebsd/zfs/sys/zfs_ioctl_compat.h of OpenZFS.</summary>
internal static unsafe class ZfsIoctl
{
    /// <summary>The ending of the names of its libraries.</summary>
    public const string LibraryVersion = ".so.2";

    /// <summary>MAXPATHLEN, on which the layout of zfs_cmd_t depends.</summary>
    public const int PathMax = Libc.PATH_MAX;

    private const uint ZFS_IOCVER_OZFS = 15;

    // _IOWR('Z', n, zfs_iocparm_t), sys/ioccom.h
    private const ulong ZFS_IOC = 0xc0185a00;

    /// <summary>zfs_iocparm_t, include/os/freebsd/zfs/sys/zfs_ioctl_compat.h.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 24)]
    public struct IoParameters
    {
        [FieldOffset(0)] public uint zfs_ioctl_version;
        [FieldOffset(8)] public ulong zfs_cmd;
        [FieldOffset(16)] public ulong zfs_cmd_size;
    }

    /// <summary>ioctl(2) on /dev/zfs; -1 and errno on failure.</summary>
    public static int Call(Fd device, int number, byte* command, int size)
    {
        var parameters = new IoParameters { zfs_ioctl_version = ZFS_IOCVER_OZFS, zfs_cmd = (ulong)command, zfs_cmd_size = (ulong)size };
        return Libc.ioctl(device.Number, ZFS_IOC | (uint)number, (nint)(&parameters));
    }
}
