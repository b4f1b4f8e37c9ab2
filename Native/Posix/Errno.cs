namespace Kvol.Native;

/// <summary>errno(3): the failures that kvol distinguishes. Each system has its own numbers for them.</summary>
internal static partial class Errno
{
    /// <summary>The meaning of a number; <see cref="Failure.Other"/> where kvol does not distinguish it.</summary>
    public static Failure Meaning(int errno)
    {
        return Is(EPERM) || Is(EACCES) ? Failure.NotPermitted
            : Is(ENOENT) ? Failure.NotFound
            : Is(EBADF) ? Failure.BadDescriptor
            : Is(EAGAIN) ? Failure.WouldBlock
            : Is(EBUSY) ? Failure.Busy
            : Is(EEXIST) ? Failure.Exists
            : Is(EXDEV) ? Failure.CrossDevice
            : Is(ENOTDIR) ? Failure.NotDirectory
            : Is(EISDIR) ? Failure.IsDirectory
            : Is(EINVAL) ? Failure.Invalid
            : Is(ENFILE) || Is(EMFILE) ? Failure.TooManyFiles
            : Is(ESRCH) ? Failure.Gone
            : Is(ETXTBSY) ? Failure.TextBusy
            : Is(ESPIPE) ? Failure.NotSeekable
            : Is(ENOSPC) || Is(EDQUOT) ? Failure.NoSpace
            : Is(EROFS) ? Failure.ReadOnly
            : Is(EIO) ? Failure.Broken
            : Is(ESTALE) ? Failure.Stale
            : Is(EPIPE) ? Failure.BrokenPipe
            : Is(ERANGE) ? Failure.Range
            : Is(ENAMETOOLONG) ? Failure.NameTooLong
            : Is(ENOSYS) ? Failure.NoCall
            : Is(ENOTEMPTY) ? Failure.NotEmpty
            : Is(ELOOP) ? Failure.Loop
            : Is(EOPNOTSUPP) || Is(ENOTTY) ? Failure.NotSupported
            : Is(E2BIG) ? Failure.TooBig
            : Is(ENXIO) || Is(ENODEV) ? Failure.NoDevice
            : OwnMeaning(errno);

        bool Is(int number) => errno == number;
    }

    /// <summary>The numbers that mean that a file system can never store what it was given: EOPNOTSUPP (not supported), EPERM (not of this
    /// kind of file, or not by this user), EINVAL (not this value), ERANGE, E2BIG, ENAMETOOLONG, EMLINK (too much of it) and EILSEQ (not
    /// this name). ioctl(2) fails with ENOTTY where it is not supported.</summary>
    public static bool CannotHold(int errno) =>
        errno == EPERM || errno == E2BIG || errno == EINVAL || errno == ENOTTY || errno == EMLINK || errno == ERANGE
            || errno == ENAMETOOLONG
        || errno == EILSEQ || errno == EOPNOTSUPP;

    /// <summary>The numbers that blame the call and not its subject: EBADF, EFAULT and EINVAL, intro(2).</summary>
    public static bool IsWrongQuestion(int errno) => errno == EBADF || errno == EFAULT || errno == EINVAL;
}
