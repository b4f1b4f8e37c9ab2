using System.Runtime.InteropServices;

namespace Kvol.Native;

/// <content>What Linux alone does with them.</content>
internal static unsafe partial class Content
{
    /// <summary>Moves the content of a pipe by splice(2), without copying it through this process and without waiting for a full pipe.
    /// Returns the bytes moved, 0 at the end, -1 when the kernel cannot do it for this target; <see cref="Failure.WouldBlock"/> when the
    /// target accepts nothing now.</summary>
    public static long Splice(Fd pipe, Fd to, long length)
    {
        while (true)
        {
            var n = Libc.splice(pipe.Number, null, to.Number, null, (nuint)length, Libc.SPLICE_F_MOVE | Libc.SPLICE_F_NONBLOCK);
            if (n >= 0)
            {
                return n;
            }

            // splice(2), ERRORS: EINVAL for a target that cannot (a terminal, a file opened to append).
            var errno = Marshal.GetLastPInvokeError();
            if (errno != Errno.EINTR)
            {
                return Errno.Meaning(errno) is Failure.Invalid or Failure.NoCall ? -1 : throw Files.Failed("splice", to, errno);
            }
        }
    }

    /// <summary>False: copy_file_range(2) shares blocks only where <see cref="Clone"/> does.</summary>
    public static bool ClonesByItself(Fd directory) => false;

    /// <summary>True: whether <see cref="Clone"/> works depends on the file system.</summary>
    public static bool CanClone => true;

    /// <summary>ioctl_ficlone(2): the whole file shares its blocks with the source. False when this pair cannot.</summary>
    public static bool Clone(Fd from, Fd to)
    {
        int result, times = 0;
        do
        {
            result = Libc.ioctl(to.Number, Libc.FICLONE, from.Number);
        }
        while (Files.IsInterrupted(result, ref times));

        if (result == 0)
        {
            return true;
        }

        // ioctl_ficlone(2), ERRORS: of two file systems (EXDEV), of one that cannot (EOPNOTSUPP, ENOTTY, EINVAL), a swap file (ETXTBSY), a
        // filter (EPERM).
        var errno = Marshal.GetLastPInvokeError();
        return Errno.CannotHold(errno) || Errno.Meaning(errno) is Failure.CrossDevice or Failure.TextBusy ? false
            : throw Files.Failed("ficlone", to, errno);
    }

    // None: lseek(2) supports SEEK_DATA and SEEK_HOLE on every file system.
    private static bool KnowsNoHoles(int errno) => false;
}
