namespace Kvol.Native;

/// <summary>How a zfs_cmd_t reaches the kernel: module/os/linux/zfs/zfs_ioctl_os.c.</summary>
internal static unsafe class ZfsIoctl
{
    /// <summary>The ending of the names of its libraries.</summary>
    public const string LibraryVersion = ".so.3";

    /// <summary>MAXPATHLEN, on which the layout of zfs_cmd_t depends.</summary>
    public const int PathMax = 4096;

    private const ulong First = 0x5a00; // ZFS_IOC_FIRST, 'Z' << 8

    /// <summary>ioctl(2) on /dev/zfs; -1 and errno on failure.</summary>
    public static int Call(Fd device, int number, byte* command, int size) =>
        Libc.ioctl(device.Number, First + (ulong)number, (nint)command);
}
