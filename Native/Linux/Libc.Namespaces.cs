using System.Runtime.InteropServices;

namespace Kvol.Native;

/// <content>Mount namespaces, and their tables.</content>
internal static unsafe partial class Libc
{
    // <linux/nsfs.h>: _IOR(0xb7, 5, __u64), _IO(0xb7, 3)
    public const ulong NS_GET_MNTNS_ID = 0x8008b705, NS_GET_NSTYPE = 0xb703;

    // <linux/magic.h>
    public const long NSFS_MAGIC = 0x6e736673;

    // <linux/mount.h>
    public const ulong LSMT_ROOT = ulong.MaxValue;
    public const ulong STATMOUNT_SB_BASIC = 1, STATMOUNT_MNT_BASIC = 2, STATMOUNT_MNT_ROOT = 8, STATMOUNT_MNT_POINT = 0x10,
        STATMOUNT_FS_TYPE = 0x20, STATMOUNT_SB_SOURCE = 0x200;

    // <linux/sched.h>
    public const int CLONE_FS = 0x200, CLONE_NEWNS = 0x20000, CLONE_NEWUSER = 0x10000000;

    // <linux/kcmp.h>
    public const int KCMP_FILES = 2, KCMP_FS = 3;

    // <linux/fcntl.h>
    public const int AT_NO_AUTOMOUNT = 0x800, AT_STATX_DONT_SYNC = 0x4000;

    // <linux/exportfs.h>
    public const uint MAX_HANDLE_SZ = 128;

    /// <summary>struct file_handle with room for the longest handle.</summary>
    public struct FileHandle
    {
        public uint handle_bytes;
        private readonly int type;
        private fixed byte handle[(int)MAX_HANDLE_SZ];
    }

    /// <summary>struct mnt_id_req, linux/mount.h, with the id of a namespace (Linux 6.11).</summary>
    public struct MountIdRequest
    {
        public uint size;
        private readonly uint spare;
        public ulong mnt_id, param, mnt_ns_id;
    }

    /// <summary>struct statmount, linux/mount.h; the strings follow it, and its fields name them by their offset.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 512)]
    public struct StatMount
    {
        public uint size, mnt_opts;
        public ulong mask;
        public uint sb_dev_major, sb_dev_minor;
        public ulong sb_magic;
        public uint sb_flags, fs_type;
        public ulong mnt_id, mnt_parent_id;
        public uint mnt_id_old, mnt_parent_id_old;
        public ulong mnt_attr, mnt_propagation, mnt_peer_group, mnt_master, propagate_from;
        public uint mnt_root, mnt_point;
        public ulong mnt_ns_id;
        public uint fs_subtype, sb_source;
    }

    [LibraryImport(Name, SetLastError = true)]
    public static partial int unshare(int flags);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int chroot(byte* path);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int setns(int fd, int type);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int name_to_handle_at(int dirfd, byte* path, FileHandle* handle, int* mountId, int flags);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int open_by_handle_at(int mountfd, FileHandle* handle, int flags);
}
