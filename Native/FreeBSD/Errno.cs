using System;
using System.Runtime.InteropServices;

namespace Kvol.Native;

/// <summary>errno of FreeBSD, &lt;errno.h&gt;, intro(2): the numbers that kvol tells apart.</summary>
internal static unsafe class Errno
{
    public const int EPERM = 1, ENOENT = 2, ESRCH = 3, EINTR = 4, ENXIO = 6, E2BIG = 7, EBADF = 9, EDEADLK = 11, ENOMEM = 12, EACCES = 13, EBUSY = 16, EEXIST = 17, EXDEV = 18, ENODEV = 19,
        ENOTDIR = 20, EISDIR = 21, EINVAL = 22, ENFILE = 23, EMFILE = 24, ENOTTY = 25, ETXTBSY = 26, ENOSPC = 28, EROFS = 30, EMLINK = 31, EPIPE = 32, ERANGE = 34, EAGAIN = 35,
        EOPNOTSUPP = 45, ELOOP = 62, ENAMETOOLONG = 63, ENOTEMPTY = 66, EDQUOT = 69, ENOSYS = 78, EFTYPE = 79, EILSEQ = 86, ENOATTR = 87;

    /// <summary>What a number means. EMLINK is what open(2) with O_NOFOLLOW says of a symbolic link; EFTYPE is what kvol says of a file that it does
    /// not open, because opening it would do something.</summary>
    public static Failure Meaning(int errno) => errno switch
    {
        EPERM or EACCES => Failure.NotPermitted,
        ENOENT => Failure.NotFound,
        ESRCH => Failure.Gone,
        EBADF => Failure.BadDescriptor,
        EBUSY => Failure.Busy,
        EEXIST => Failure.Exists,
        EXDEV => Failure.CrossDevice,
        ENOTDIR => Failure.NotDirectory,
        EISDIR => Failure.IsDirectory,
        EINVAL => Failure.Invalid,
        ENFILE or EMFILE => Failure.TooManyFiles,
        ENOSPC or EDQUOT => Failure.NoSpace,
        EROFS => Failure.ReadOnly,
        EMLINK or ELOOP => Failure.Loop,
        EPIPE => Failure.BrokenPipe,
        ERANGE => Failure.Range,
        EAGAIN => Failure.WouldBlock,
        ENAMETOOLONG => Failure.NameTooLong,
        ENOTEMPTY => Failure.NotEmpty,
        ENOSYS => Failure.NoCall,
        ETXTBSY => Failure.TextBusy,
        EFTYPE => Failure.WrongType,
        ENOATTR => Failure.NoData,
        EOPNOTSUPP or ENOTTY => Failure.NotSupported,
        E2BIG => Failure.TooBig,
        ENXIO or ENODEV => Failure.NoDevice,
        _ => Failure.Other,
    };

    /// <summary>The numbers by which a file system says that it cannot hold what it was given, whatever is tried: EOPNOTSUPP (it has none of that), EPERM (not of
    /// this kind of file, or not by this user), EINVAL (not this value), ERANGE, E2BIG, ENAMETOOLONG, EMLINK (too much of it) and EILSEQ (not this name).</summary>
    public static bool CannotHold(int errno) => errno is EPERM or E2BIG or EINVAL or ENOTTY or EMLINK or ERANGE or ENAMETOOLONG or EILSEQ or EOPNOTSUPP;

    /// <summary>The system's words for a number, strerror_r of strerror(3).</summary>
    public static string Text(int errno)
    {
        const int Size = 256; // NL_TEXTMAX of limits.h is longer, no message is
        var text = stackalloc byte[Size];
        _ = Libc.strerror_r(errno, text, Size); // it fails for a number that it does not know, and says so in the text
        return ByteString.Display(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(text));
    }
}
