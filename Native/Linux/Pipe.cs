using System.Runtime.InteropServices;

namespace Kvol.Native;

/// <summary>A pipe, pipe2(2).</summary>
internal static unsafe partial class Pipe
{
    private const int O_CLOEXEC = 0x80000;

    private const int F_SETPIPE_SZ = 1031, Wanted = 1 << 20;

    /// <summary>Makes a pipe: what is written to one end is read from the other. It holds a mebibyte where that is allowed, fcntl(2).</summary>
    public static (Fd Reader, Fd Writer) Make()
    {
        var ends = stackalloc int[2];
        if (pipe2(ends, O_CLOEXEC) != 0)
        {
            throw new NativeException("pipe2", "pipe", Marshal.GetLastPInvokeError());
        }

        _ = fcntl(ends[0], F_SETPIPE_SZ, Wanted);
        return (new Fd(ends[0]), new Fd(ends[1]));
    }

    [LibraryImport("libc.so.6", SetLastError = true)]
    private static partial int pipe2(int* ends, int flags);

    [LibraryImport("libc.so.6")]
    private static partial int fcntl(int fd, int command, nint argument);
}
