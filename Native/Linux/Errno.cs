using System.Runtime.InteropServices;

namespace Kvol.Native;

/// <summary>errno of Linux, asm-generic/errno*.h: the numbers that kvol tells apart.</summary>
internal static class Errno
{
    public const int EPERM = 1, ENOENT = 2, EINTR = 4, ENXIO = 6, E2BIG = 7, ENOMEM = 12, ENAMETOOLONG = 36;

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
        E2BIG => Failure.TooBig,
        6 or 19 => Failure.NoDevice,
        _ => Failure.Other,
    };

    /// <summary>The system's words for a number, strerror(3).</summary>
    public static string Text(int errno) => Marshal.GetPInvokeErrorMessage(errno);
}
