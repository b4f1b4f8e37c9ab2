using System.Runtime.InteropServices;

namespace Kvol.Native;

/// <summary>Structures of FreeBSD's headers, amd64 and arm64: the members that kvol uses, under their names there; declarations
/// only.</summary>
internal static unsafe partial class Libc
{
    /// <summary>struct timeval, &lt;sys/_timeval.h&gt;.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 16)]
    public struct Timeval
    {
        [FieldOffset(0)] public long tv_sec;
        [FieldOffset(8)] public long tv_usec;
    }

    /// <summary>struct iovec, &lt;sys/_iovec.h&gt;.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 16)]
    public struct Iovec
    {
        [FieldOffset(0)] public void* iov_base;
        [FieldOffset(8)] public nuint iov_len;
    }

    /// <summary>struct stat, stat(2), with 64-bit inode numbers.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 224)]
    public struct Stat
    {
        [FieldOffset(0)] public ulong st_dev;
        [FieldOffset(8)] public ulong st_ino;
        [FieldOffset(16)] public ulong st_nlink;
        [FieldOffset(24)] public ushort st_mode;
        [FieldOffset(28)] public uint st_uid;
        [FieldOffset(32)] public uint st_gid;
        [FieldOffset(40)] public ulong st_rdev;
        [FieldOffset(48)] public Timespec st_atim;
        [FieldOffset(64)] public Timespec st_mtim;
        [FieldOffset(80)] public Timespec st_ctim;
        [FieldOffset(96)] public Timespec st_birthtim;
        [FieldOffset(112)] public long st_size;
        [FieldOffset(120)] public long st_blocks;
        [FieldOffset(132)] public uint st_flags;
        [FieldOffset(136)] public ulong st_gen;
    }

    /// <summary>struct dirent, dir(5), with 64-bit inode numbers.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 280)]
    public struct Dirent
    {
        [FieldOffset(0)] public ulong d_fileno;
        [FieldOffset(16)] public ushort d_reclen;
        [FieldOffset(18)] public byte d_type;
        [FieldOffset(20)] public ushort d_namlen;
        [FieldOffset(24)] public fixed byte d_name[256];
    }

    /// <summary>fsid_t, &lt;sys/mount.h&gt;.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 8)]
    public struct Fsid
    {
        [FieldOffset(0)] public fixed int val[2];
    }

    /// <summary>struct statfs, statfs(2), of STATFS_VERSION 0x20140518.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 2344)]
    public struct Statfs
    {
        [FieldOffset(8)] public ulong f_flags;
        [FieldOffset(16)] public ulong f_bsize;
        [FieldOffset(32)] public ulong f_blocks;
        [FieldOffset(48)] public long f_bavail;
        [FieldOffset(192)] public Fsid f_fsid;
        [FieldOffset(280)] public fixed byte f_fstypename[MFSNAMELEN];
        [FieldOffset(296)] public fixed byte f_mntfromname[MNAMELEN];
        [FieldOffset(1320)] public fixed byte f_mntonname[MNAMELEN];
    }

    /// <summary>struct sockaddr_un, &lt;sys/un.h&gt;, unix(4).</summary>
    [StructLayout(LayoutKind.Explicit, Size = 106)]
    public struct SockaddrUn
    {
        /// <summary>SUNPATHLEN.</summary>
        public const int SUNPATHLEN = 104;

        [FieldOffset(0)] public byte sun_len;
        [FieldOffset(1)] public byte sun_family;
        [FieldOffset(2)] public fixed byte sun_path[SUNPATHLEN];
    }

    /// <summary>struct kinfo_file, &lt;sys/user.h&gt;: one record of kern.proc.filedesc, cut by the kernel behind its path; kf_structsize
    /// is its length.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 1392)]
    public struct KinfoFile
    {
        [FieldOffset(0)] public int kf_structsize;
        [FieldOffset(8)] public int kf_fd;
        [FieldOffset(368)] public fixed byte kf_path[PATH_MAX];
    }

    /// <summary>struct kinfo_proc, &lt;sys/user.h&gt;: one record of kern.proc.proc; ki_structsize is its length.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 1088)]
    public struct KinfoProc
    {
        [FieldOffset(0)] public int ki_structsize;
        [FieldOffset(72)] public int ki_pid;
        [FieldOffset(336)] public Timeval ki_start;
        [FieldOffset(388)] public byte ki_stat;
    }

    /// <summary>struct nfscl_dumpmntopts, &lt;nfs/nfssvc.h&gt;: in, the place of a mount; out, its options.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 24)]
    public struct NfsclDumpmntopts
    {
        [FieldOffset(0)] public byte* ndmnt_fname;
        [FieldOffset(8)] public nuint ndmnt_blen;
        [FieldOffset(16)] public byte* ndmnt_buf;
    }
}
