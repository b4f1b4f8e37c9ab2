using System.Runtime.InteropServices;
using Tmds.Linux;

namespace Kvol.Native;

/// <content>The numbers of Linux.</content>
internal static partial class Errno
{
    public static int EPERM => LibC.EPERM;
    public static int ENOENT => LibC.ENOENT;
    public static int ESRCH => LibC.ESRCH;
    public static int EINTR => LibC.EINTR;
    public static int EIO => LibC.EIO;
    public static int ENXIO => LibC.ENXIO;
    public static int E2BIG => LibC.E2BIG;
    public static int EBADF => LibC.EBADF;
    public static int EAGAIN => LibC.EAGAIN;
    public static int ENOMEM => LibC.ENOMEM;
    public static int EACCES => LibC.EACCES;
    public static int EFAULT => LibC.EFAULT;
    public static int EBUSY => LibC.EBUSY;
    public static int EEXIST => LibC.EEXIST;
    public static int EXDEV => LibC.EXDEV;
    public static int ENODEV => LibC.ENODEV;
    public static int ENOTDIR => LibC.ENOTDIR;
    public static int EISDIR => LibC.EISDIR;
    public static int EINVAL => LibC.EINVAL;
    public static int ENFILE => LibC.ENFILE;
    public static int EMFILE => LibC.EMFILE;
    public static int ENOTTY => LibC.ENOTTY;
    public static int ETXTBSY => LibC.ETXTBSY;
    public static int ESPIPE => LibC.ESPIPE;
    public static int ENOSPC => LibC.ENOSPC;
    public static int EROFS => LibC.EROFS;
    public static int EMLINK => LibC.EMLINK;
    public static int EPIPE => LibC.EPIPE;
    public static int ERANGE => LibC.ERANGE;
    public static int ENAMETOOLONG => LibC.ENAMETOOLONG;
    public static int ENOSYS => LibC.ENOSYS;
    public static int ENOTEMPTY => LibC.ENOTEMPTY;
    public static int ELOOP => LibC.ELOOP;
    public static int ENODATA => LibC.ENODATA;
    public static int EOVERFLOW => LibC.EOVERFLOW;
    public static int EILSEQ => LibC.EILSEQ;
    public static int EOPNOTSUPP => LibC.EOPNOTSUPP;
    public static int ESTALE => LibC.ESTALE;
    public static int EDQUOT => LibC.EDQUOT;

    /// <summary>The system's words for a number, strerror(3).</summary>
    public static string Text(int errno) => Marshal.GetPInvokeErrorMessage(errno);

    private static Failure OwnMeaning(int errno) => errno == ENODATA ? Failure.NoData
        : errno == EOVERFLOW ? Failure.Overflow : Failure.Other;
}
