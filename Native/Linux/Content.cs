using System;
using System.Runtime.InteropServices;

namespace Kvol.Native;

/// <summary>The bytes of regular files.</summary>
internal static unsafe class Content
{
    /// <summary>read(2) at the descriptor's position; 0 at the end.</summary>
    public static int Read(Fd fd, Span<byte> buffer)
    {
        fixed (byte* b = buffer)
        {
            nint n;
            var times = 0;
            do
            {
                n = Libc.read(fd.Number, b, (nuint)buffer.Length);
            }
            while (Files.IsInterrupted(n, ref times));

            Files.Check(n, "read", fd, ""u8.ToName());
            return (int)n;
        }
    }

    /// <summary>pread(2); 0 at the end.</summary>
    public static int Read(Fd fd, Span<byte> buffer, long offset)
    {
        fixed (byte* b = buffer)
        {
            nint n;
            var times = 0;
            do
            {
                n = Libc.pread(fd.Number, b, (nuint)buffer.Length, offset);
            }
            while (Files.IsInterrupted(n, ref times));

            Files.Check(n, "pread", fd, ""u8.ToName());
            return (int)n;
        }
    }

    /// <summary>write(2) until everything is written.</summary>
    public static void Write(Fd fd, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            fixed (byte* b = bytes)
            {
                nint n;
                var times = 0;
                do
                {
                    n = Libc.write(fd.Number, b, (nuint)bytes.Length);
                }
                while (Files.IsInterrupted(n, ref times));

                Files.Check(n, "write", fd, ""u8.ToName());
                bytes = bytes[(int)n..];
            }
        }
    }

    /// <summary>pwrite(2) until everything is written.</summary>
    public static void Write(Fd fd, ReadOnlySpan<byte> bytes, long offset)
    {
        while (!bytes.IsEmpty)
        {
            fixed (byte* b = bytes)
            {
                nint n;
                var times = 0;
                do
                {
                    n = Libc.pwrite(fd.Number, b, (nuint)bytes.Length, offset);
                }
                while (Files.IsInterrupted(n, ref times));

                Files.Check(n, "pwrite", fd, ""u8.ToName());
                bytes = bytes[(int)n..];
                offset += n;
            }
        }
    }

    /// <summary>ftruncate(2).</summary>
    public static void SetLength(Fd fd, long length)
    {
        int result, times = 0;
        do
        {
            result = Libc.ftruncate(fd.Number, length);
        }
        while (Files.IsInterrupted(result, ref times));

        Files.Check(result, "ftruncate", fd, ""u8.ToName());
    }

    /// <summary>lseek(2) SEEK_DATA: where the next data at or after <paramref name="offset"/> starts; -1 when only a hole follows.</summary>
    public static long NextData(Fd fd, long offset) => Seek(fd, offset, Libc.SEEK_DATA);

    /// <summary>lseek(2) SEEK_HOLE: where the data at <paramref name="offset"/> ends.</summary>
    public static long NextHole(Fd fd, long offset) => Seek(fd, offset, Libc.SEEK_HOLE);

    /// <summary>copy_file_range(2) at the same offset in both. Bytes copied, 0 at the end, -1 when the kernel does not do it for this pair.</summary>
    public static long CopyRange(Fd from, Fd to, long offset, long length)
    {
        nint n;
        var times = 0;
        do
        {
            long a = offset, b = offset;
            n = Libc.copy_file_range(from.Number, &a, to.Number, &b, (nuint)length, 0);
        }
        while (Files.IsInterrupted(n, ref times));

        if (n < 0)
        {
            // copy_file_range(2), ERRORS: another file system (EXDEV before and after 5.3-5.18), one that cannot (EOPNOTSUPP, EINVAL),
            // an old kernel (ENOSYS), a seccomp filter or swap file (EPERM, ETXTBSY): all have the plain copy as their way out.
            var errno = Marshal.GetLastPInvokeError();
            return Errno.Meaning(errno) is Failure.CrossDevice or Failure.NotSupported or Failure.Invalid or Failure.NoCall or Failure.NotPermitted
                ? -1
                : throw Files.Failed("copy_file_range", to, ""u8.ToName(), errno);
        }

        return n;
    }

    /// <summary>splice(2) of what a pipe holds, without bringing it through this process and without waiting for a full pipe. Bytes moved, 0 at the end, -1 when the
    /// kernel does not do it for this target; <see cref="Failure.WouldBlock"/> when the target takes nothing now.</summary>
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
                return Errno.Meaning(errno) is Failure.Invalid or Failure.NoCall ? -1 : throw Files.Failed("splice", to, ""u8.ToName(), errno);
            }
        }
    }

    /// <summary>False: copy_file_range(2) shares blocks only where <see cref="Clone"/> does.</summary>
    public static bool ClonesByItself(Fd directory) => false;

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

        // ioctl_ficlone(2), ERRORS: of two file systems (EXDEV), of one that cannot (EOPNOTSUPP, ENOTTY, EINVAL), a swap file (ETXTBSY), a filter (EPERM).
        var errno = Marshal.GetLastPInvokeError();
        return Errno.CannotHold(errno) || Errno.Meaning(errno) is Failure.CrossDevice or Failure.TextBusy ? false : throw Files.Failed("ficlone", to, ""u8.ToName(), errno);
    }

    private static long Seek(Fd fd, long offset, int whence)
    {
        long at;
        var times = 0;
        do
        {
            at = Libc.lseek(fd.Number, offset, whence);
        }
        while (Files.IsInterrupted(at, ref times));

        if (at < 0 && Marshal.GetLastPInvokeError() == Errno.ENXIO) // no more data
        {
            return -1;
        }

        Files.Check(at, "lseek", fd, ""u8.ToName());
        return at;
    }
}
