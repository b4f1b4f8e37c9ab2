using System;
using System.Runtime.InteropServices;

namespace Kvol.Native;

/// <content>The numbers of FreeBSD: &lt;errno.h&gt;, intro(2).</content>
internal static unsafe partial class Errno
{
    public const int EPERM = 1, ENOENT = 2, ESRCH = 3, EINTR = 4, EIO = 5, ENXIO = 6, E2BIG = 7, EBADF = 9, EDEADLK = 11, ENOMEM = 12,
        EACCES = 13, EFAULT = 14, EBUSY = 16, EEXIST = 17, EXDEV = 18, ENODEV = 19, ENOTDIR = 20, EISDIR = 21, EINVAL = 22, ENFILE = 23,
        EMFILE = 24, ENOTTY = 25, ETXTBSY = 26, ENOSPC = 28, ESPIPE = 29, EROFS = 30, EMLINK = 31, EPIPE = 32, ERANGE = 34, EAGAIN = 35,
        EOPNOTSUPP = 45, ELOOP = 62, ENAMETOOLONG = 63, ENOTEMPTY = 66, EDQUOT = 69, ESTALE = 70, ENOSYS = 78, EFTYPE = 79, EILSEQ = 86,
        ENOATTR = 87;

    /// <summary>The system's words for a number, strerror_r of strerror(3).</summary>
    public static string Text(int errno)
    {
        const int Size = 256; // NL_TEXTMAX of limits.h is longer, no message is
        var text = stackalloc byte[Size];
        _ = Libc.strerror_r(errno, text, Size); // it fails for a number that it does not know, and says so in the text
        return ByteString.Display(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(text));
    }

    // open(2) with O_NOFOLLOW fails with EMLINK on a symbolic link. kvol itself uses EFTYPE for a file that it does not open, because
    // opening it would have side effects.
    private static Failure OwnMeaning(int errno) => errno switch
    {
        EMLINK => Failure.Loop,
        EFTYPE => Failure.WrongType,
        ENOATTR => Failure.NoData,
        _ => Failure.Other,
    };
}
