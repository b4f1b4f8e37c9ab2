using System.Runtime.InteropServices;
using Tmds.Linux;

namespace Kvol.Native;

/// <summary>errno of Linux, errno(3): what the errors that kvol tells apart mean.</summary>
internal static class Errno
{
    public static int EPERM => LibC.EPERM;

    public static int ENOENT => LibC.ENOENT;

    public static int EINTR => LibC.EINTR;

    public static int ENXIO => LibC.ENXIO;

    public static int ENOMEM => LibC.ENOMEM;

    public static int EEXIST => LibC.EEXIST;

    public static int ENAMETOOLONG => LibC.ENAMETOOLONG;

    public static int EOVERFLOW => LibC.EOVERFLOW;

    public static Failure Meaning(int errno) => errno switch
    {
        _ when errno == LibC.EPERM || errno == LibC.EACCES => Failure.NotPermitted,
        _ when errno == LibC.ENOENT => Failure.NotFound,
        _ when errno == LibC.EBADF => Failure.BadDescriptor,
        _ when errno == LibC.EAGAIN => Failure.WouldBlock,
        _ when errno == LibC.EBUSY => Failure.Busy,
        _ when errno == LibC.EEXIST => Failure.Exists,
        _ when errno == LibC.EXDEV => Failure.CrossDevice,
        _ when errno == LibC.ENOTDIR => Failure.NotDirectory,
        _ when errno == LibC.EISDIR => Failure.IsDirectory,
        _ when errno == LibC.EINVAL => Failure.Invalid,
        _ when errno == LibC.ENFILE || errno == LibC.EMFILE => Failure.TooManyFiles,
        _ when errno == LibC.ESRCH => Failure.Gone,
        _ when errno == LibC.ETXTBSY => Failure.TextBusy,
        _ when errno == LibC.ENOSPC || errno == LibC.EDQUOT => Failure.NoSpace,
        _ when errno == LibC.EROFS => Failure.ReadOnly,
        _ when errno == LibC.EPIPE => Failure.BrokenPipe,
        _ when errno == LibC.ERANGE => Failure.Range,
        _ when errno == LibC.ENAMETOOLONG => Failure.NameTooLong,
        _ when errno == LibC.ENOSYS => Failure.NoCall,
        _ when errno == LibC.ENOTEMPTY => Failure.NotEmpty,
        _ when errno == LibC.ELOOP => Failure.Loop,
        _ when errno == LibC.ENODATA => Failure.NoData,
        _ when errno == LibC.EOPNOTSUPP || errno == LibC.ENOTTY => Failure.NotSupported,
        _ when errno == LibC.E2BIG => Failure.TooBig,
        _ when errno == LibC.ENXIO || errno == LibC.ENODEV => Failure.NoDevice,
        _ => Failure.Other,
    };

    /// <summary>The system's words for a number, strerror(3).</summary>
    public static string Text(int errno) => Marshal.GetPInvokeErrorMessage(errno);
}
