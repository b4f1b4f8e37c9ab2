using System;
using System.Runtime.InteropServices;

namespace Kvol.Native;

/// <summary>The bytes of regular files.</summary>
internal static unsafe partial class Content
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

            Files.Check(n, "read", fd);
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

            Files.Check(n, "pread", fd);
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

                Files.Check(n, "write", fd);
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

                Files.Check(n, "pwrite", fd);
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

        Files.Check(result, "ftruncate", fd);
    }

    /// <summary>lseek(2) SEEK_DATA: where the next data at or after <paramref name="offset"/> starts; -1 when only a hole
    /// follows.</summary>
    public static long NextData(Fd fd, long offset) => Seek(fd, offset, Libc.SEEK_DATA);

    /// <summary>lseek(2) SEEK_HOLE: where the data at <paramref name="offset"/> ends.</summary>
    public static long NextHole(Fd fd, long offset) => Seek(fd, offset, Libc.SEEK_HOLE);

    /// <summary>copy_file_range(2) at the same offset in both. Bytes copied, 0 at the end, -1 when the kernel does not do it for this
    /// pair.</summary>
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
            // copy_file_range(2), ERRORS: another file system (EXDEV), one that cannot (EOPNOTSUPP, EINVAL), an old kernel (ENOSYS), a
            // seccomp filter, or a source that is not opened as required (EPERM). In all these cases kvol falls back to the plain copy.
            var errno = Marshal.GetLastPInvokeError();
            return Errno.Meaning(errno) is Failure.CrossDevice or Failure.NotSupported or Failure.Invalid or Failure.NoCall
                or Failure.NotPermitted
                ? -1
                : throw Files.Failed("copy_file_range", to, errno);
        }

        return n;
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

        if (at < 0 && Marshal.GetLastPInvokeError() == Errno.ENXIO)
        {
            return -1; // no more data
        }

        if (at < 0 && KnowsNoHoles(Marshal.GetLastPInvokeError()))
        {
            // The whole file is data.
            var size = Files.Status(fd).Size;
            return whence == Libc.SEEK_HOLE ? size : offset < size ? offset : -1;
        }

        Files.Check(at, "lseek", fd);
        return at;
    }
}
