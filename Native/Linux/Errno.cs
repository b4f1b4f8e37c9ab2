using System.Runtime.InteropServices;

namespace Kvol.Native;

/// <summary>errno of Linux, asm-generic/errno*.h: the numbers that kvol tells apart.</summary>
internal static class Errno
{
    public const int EPERM = 1, ENOENT = 2, EINTR = 4, ENXIO = 6, E2BIG = 7, ENOMEM = 12, EINVAL = 22, ENOTTY = 25, EMLINK = 31, ERANGE = 34, ENAMETOOLONG = 36, EILSEQ = 84, EOPNOTSUPP = 95;

    public static Failure Meaning(int errno) => errno switch
    {
        EPERM or 13 => Failure.NotPermitted,
        ENOENT => Failure.NotFound,
        9 => Failure.BadDescriptor,
        11 => Failure.WouldBlock,
        16 => Failure.Busy,
        17 => Failure.Exists,
        18 => Failure.CrossDevice,
        20 => Failure.NotDirectory,
        21 => Failure.IsDirectory,
        22 => Failure.Invalid,
        23 or 24 => Failure.TooManyFiles,
        3 => Failure.Gone,
        26 => Failure.TextBusy,
        28 or 122 => Failure.NoSpace,
        30 => Failure.ReadOnly,
        32 => Failure.BrokenPipe,
        34 => Failure.Range,
        ENAMETOOLONG => Failure.NameTooLong,
        38 => Failure.NoCall,
        39 => Failure.NotEmpty,
        40 => Failure.Loop,
        61 => Failure.NoData,
        95 or 25 => Failure.NotSupported,
        7 => Failure.TooBig,
        6 or 19 => Failure.NoDevice,
        _ => Failure.Other,
    };

    /// <summary>The numbers by which a file system says that it cannot hold what it was given, whatever is tried: EOPNOTSUPP (it has none of that), EPERM (not of
    /// this kind of file, or not by this user), EINVAL (not this value), ERANGE, E2BIG, ENAMETOOLONG, EMLINK (too much of it) and EILSEQ (not this name).
    /// ENOTTY is what ioctl(2) says for the first one.</summary>
    public static bool CannotHold(int errno) => errno is EPERM or E2BIG or EINVAL or ENOTTY or EMLINK or ERANGE or ENAMETOOLONG or EILSEQ or EOPNOTSUPP;

    /// <summary>The system's words for a number, strerror(3).</summary>
    public static string Text(int errno) => Marshal.GetPInvokeErrorMessage(errno);
}
