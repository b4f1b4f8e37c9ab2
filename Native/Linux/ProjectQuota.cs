using System.Runtime.InteropServices;

namespace Kvol.Native;

/// <summary>Project quotas on XFS and ext4: ioctl_fsxattr (linux/fs.h), quotactl(2). New entries inherit the project of their
/// directory.</summary>
internal static unsafe class ProjectQuota
{
    // linux/fs.h; linux/quota.h and linux/dqblk_xfs.h: QCMD(command, PRJQUOTA)
    private const ulong FS_IOC_FSGETXATTR = 0x801c581f, FS_IOC_FSSETXATTR = 0x401c5820;
    private const uint FS_XFLAG_PROJINHERIT = 0x200;
    private const uint PRJQUOTA = 2, Q_GETQUOTA = (0x800007u << 8) | PRJQUOTA, Q_SETQUOTA = (0x800008u << 8) | PRJQUOTA,
        Q_XGETQSTAT = (0x5805 << 8) | PRJQUOTA;
    private const uint QIF_BLIMITS = 1;
    private const ushort FS_QUOTA_PDQ_ENFD = 1 << 5;
    private const int BlockSize = 1024; // QIF_DQBLKSIZE

    /// <summary>struct fsxattr.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 28)]
    private struct FsXattr
    {
        public uint fsx_xflags, fsx_extsize, fsx_nextents, fsx_projid, fsx_cowextsize;
    }

    /// <summary>struct if_dqblk.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 72)]
    private struct Dqblk
    {
        public ulong dqb_bhardlimit, dqb_bsoftlimit, dqb_curspace, dqb_ihardlimit, dqb_isoftlimit, dqb_curinodes, dqb_btime, dqb_itime;
        public uint dqb_valid;
    }

    /// <summary>struct fs_quota_stat.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 128)]
    private struct QuotaStat
    {
        public byte qs_version;
        public ushort qs_flags;
    }

    /// <summary>What a file system without project quotas lacks, and what to do.</summary>
    public static string Hint =>
        "does not support quotas on directories: XFS does when it is mounted with -o prjquota, ext4 when it also has the features "
        + "('tune2fs -O project,quota -Q prjquota DEVICE')";

    /// <summary>Whether the file system enforces project quotas.</summary>
    public static bool IsEnforced(Fd fd)
    {
        QuotaStat stat;
        return Libc.quotactl_fd(fd.Number, Q_XGETQSTAT, 0, &stat) >= 0 && (stat.qs_flags & FS_QUOTA_PDQ_ENFD) != 0;
    }

    /// <summary>The project of an open file or directory; 0 where there are none.</summary>
    public static uint ProjectOf(Fd fd)
    {
        FsXattr attributes;
        return Libc.ioctl(fd.Number, FS_IOC_FSGETXATTR, (nint)(&attributes)) < 0 ? 0 : attributes.fsx_projid;
    }

    /// <summary>Puts an open file or directory into a project; entries that are made in a directory afterwards inherit it.</summary>
    public static void SetProject(Fd fd, uint project, bool isDirectory)
    {
        FsXattr attributes;
        Files.Check(Libc.ioctl(fd.Number, FS_IOC_FSGETXATTR, (nint)(&attributes)), "FS_IOC_FSGETXATTR", fd);
        attributes.fsx_projid = project;
        attributes.fsx_xflags |= isDirectory ? FS_XFLAG_PROJINHERIT : 0;
        Files.Check(Libc.ioctl(fd.Number, FS_IOC_FSSETXATTR, (nint)(&attributes)), "FS_IOC_FSSETXATTR", fd);
    }

    /// <summary>The limit of a project on the file system of <paramref name="fd"/>, 0 for none, and its usage: bytes, and the number of
    /// files and directories.</summary>
    public static (ulong Limit, ulong Used, ulong Files) Read(Fd fd, uint project)
    {
        Dqblk block;
        if (Libc.quotactl_fd(fd.Number, Q_GETQUOTA, project, &block) >= 0)
        {
            return (block.dqb_bhardlimit * BlockSize, block.dqb_curspace, block.dqb_curinodes);
        }

        var errno = Marshal.GetLastPInvokeError();
        return Errno.Meaning(errno) is Failure.NotFound or Failure.Gone ? default // nothing is known of this project
            : throw Native.Files.Failed("quotactl_fd", fd, errno);
    }

    /// <summary>Limits what a project may hold, in bytes, to a kibibyte; 0: no limit.</summary>
    public static void SetLimit(Fd fd, uint project, ulong limit)
    {
        var block = new Dqblk { dqb_bhardlimit = (limit + BlockSize - 1) / BlockSize, dqb_valid = QIF_BLIMITS };
        Files.Check(Libc.quotactl_fd(fd.Number, Q_SETQUOTA, project, &block), "quotactl_fd", fd);
    }
}
