using System.Runtime.InteropServices;

namespace Kvol.Native;

/// <summary>Declarations of glibc that Tmds.LibC lacks, header by header; no logic.</summary>
internal static unsafe partial class Libc
{
    private const string Name = "libc.so.6";

    // <linux/limits.h>
    public const int PATH_MAX = 4096;

    // <asm-generic/resource.h>: getrlimit(2)
    public const int RLIMIT_NOFILE = 7;

    // <linux/fcntl.h>
    public const int AT_RECURSIVE = 0x8000;

    // <linux/mount.h>
    public const uint FSOPEN_CLOEXEC = 1, FSMOUNT_CLOEXEC = 1, FSCONFIG_SET_FLAG = 0, FSCONFIG_SET_STRING = 1, FSCONFIG_CMD_CREATE = 6;
    public const uint OPEN_TREE_CLONE = 1, OPEN_TREE_CLOEXEC = 0x80000, MOVE_MOUNT_F_EMPTY_PATH = 4, MOVE_MOUNT_T_EMPTY_PATH = 0x40;
    public const uint MOUNT_ATTR_RDONLY = 1, MOUNT_ATTR_NOSUID = 2, MOUNT_ATTR_NODEV = 4, MOUNT_ATTR_NOEXEC = 8, MOUNT_ATTR__ATIME = 0x70,
        MOUNT_ATTR_NOATIME = 0x10, MOUNT_ATTR_IDMAP = 0x100000;
    public const ulong MS_PRIVATE = 1 << 18;

    // <linux/fs.h>: renameat2(2)
    public const uint RENAME_NOREPLACE = 1, RENAME_EXCHANGE = 2;

    // <linux/stat.h>
    public const uint STATX_MNT_ID = 0x1000, STATX_MNT_ID_UNIQUE = 0x4000;
    public const ulong STATX_ATTR_MOUNT_ROOT = 0x2000;

    // <linux/fs.h>
    public const ulong FICLONE = 0x40049409, FS_IOC_GETFLAGS = 0x80086601, FS_IOC_SETFLAGS = 0x40086602;
    public const int FS_SYNC_FL = 0x8, FS_IMMUTABLE_FL = 0x10, FS_APPEND_FL = 0x20, FS_NODUMP_FL = 0x40, FS_NOATIME_FL = 0x80,
        FS_DIRSYNC_FL = 0x10000;

    /// <summary>struct mount_attr, linux/mount.h.</summary>
    public struct MountAttr
    {
        public ulong attr_set, attr_clr, propagation, userns_fd;
    }

    /// <summary>struct statx_timestamp, linux/stat.h.</summary>
    public struct StatxTime
    {
        public long tv_sec;
        public uint tv_nsec;
        private readonly int reserved;
    }

    /// <summary>struct statx, linux/stat.h; 256 bytes on every architecture.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 256)]
    public struct Statx
    {
        public uint stx_mask, stx_blksize;
        public ulong stx_attributes;
        public uint stx_nlink, stx_uid, stx_gid;
        public ushort stx_mode;
        private readonly ushort spare;
        public ulong stx_ino, stx_size, stx_blocks, stx_attributes_mask;
        public StatxTime stx_atime, stx_btime, stx_ctime, stx_mtime;
        public uint stx_rdev_major, stx_rdev_minor, stx_dev_major, stx_dev_minor;
        public ulong stx_mnt_id;
    }

    /// <summary>struct linux_dirent64 before its name, getdents64(2).</summary>
    [StructLayout(LayoutKind.Explicit, Size = 19)]
    public struct Dirent
    {
        [FieldOffset(16)] public ushort d_reclen;
        [FieldOffset(18)] public byte d_type;
    }

    // <signal.h>
    public const int SIG_DFL = 0, SIG_IGN = 1;

    [LibraryImport(Name)]
    public static partial nint signal(int number, nint handler);

    [LibraryImport(Name, SetLastError = true)]
    public static partial nint getdents64(int fd, void* buffer, nuint length);

    /// <summary>struct statfs, asm-generic/statfs.h, 64-bit.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 120)]
    public struct Statfs
    {
        public long f_type, f_bsize;
        public ulong f_blocks, f_bfree, f_bavail, f_files, f_ffree, f_fsid;
        public long f_namelen, f_frsize, f_flags;
    }

    // <linux/magic.h>
    public const long NFS_SUPER_MAGIC = 0x6969;

    [LibraryImport(Name, SetLastError = true)]
    public static partial int fstatfs(int fd, Statfs* buffer);

    [LibraryImport(Name, SetLastError = true)]
    public static partial nint flistxattr(int fd, byte* list, nuint size);

    [LibraryImport(Name, SetLastError = true)]
    public static partial nint fgetxattr(int fd, byte* name, byte* value, nuint size);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int fsetxattr(int fd, byte* name, byte* value, nuint size, int flags);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int fremovexattr(int fd, byte* name);

    [LibraryImport(Name, SetLastError = true)]
    public static partial nint llistxattr(byte* path, byte* list, nuint size);

    [LibraryImport(Name, SetLastError = true)]
    public static partial nint lgetxattr(byte* path, byte* name, byte* value, nuint size);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int lsetxattr(byte* path, byte* name, byte* value, nuint size, int flags);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int renameat2(int olddirfd, byte* oldpath, int newdirfd, byte* newpath, uint flags);
}
