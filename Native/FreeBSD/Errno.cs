namespace Kvol.Native;

/// <summary>errno of FreeBSD, sys/errno.h, intro(2): the numbers that kvol tells apart.</summary>
internal static class Errno
{
    public const int ENOENT = 2, EINTR = 4, ENXIO = 6, EDEADLK = 11, ENOMEM = 12, EXDEV = 18, ENOTDIR = 20, EINVAL = 22, ENOTTY = 25, EMLINK = 31, EOPNOTSUPP = 45,
        ELOOP = 62, ENAMETOOLONG = 63;

    /// <summary>What a number means. EMLINK is what open(2) with O_NOFOLLOW says of a symbolic link.</summary>
    public static Failure Meaning(int errno) => errno switch
    {
        1 or 13 => Failure.NotPermitted,
        ENOENT => Failure.NotFound,
        3 => Failure.Gone,
        9 => Failure.BadDescriptor,
        16 => Failure.Busy,
        17 => Failure.Exists,
        EXDEV => Failure.CrossDevice,
        ENOTDIR => Failure.NotDirectory,
        21 => Failure.IsDirectory,
        EINVAL => Failure.Invalid,
        23 or 24 => Failure.TooManyFiles,
        28 or 69 => Failure.NoSpace,
        30 => Failure.ReadOnly,
        EMLINK or ELOOP => Failure.Loop,
        32 => Failure.BrokenPipe,
        34 => Failure.Range,
        35 => Failure.WouldBlock,
        ENAMETOOLONG => Failure.NameTooLong,
        66 => Failure.NotEmpty,
        78 => Failure.NoCall,
        87 => Failure.NoData,
        EOPNOTSUPP or ENOTTY => Failure.NotSupported,
        7 => Failure.TooBig,
        ENXIO or 19 => Failure.NoDevice,
        _ => Failure.Other,
    };
}
