using System.Runtime.InteropServices;

namespace Kvol.Native;

/// <summary>A pipe, pipe2(2).</summary>
internal static unsafe partial class Pipe
{
    /// <summary>Makes a pipe: what is written to one end is read from the other.</summary>
    public static (Fd Reader, Fd Writer) Make()
    {
        var ends = stackalloc int[2];
        return pipe2(ends, Libc.O_CLOEXEC) == 0 ? (new Fd(ends[0]), new Fd(ends[1])) : throw new NativeException("pipe2", "pipe", Marshal.GetLastPInvokeError());
    }

    [LibraryImport("libc.so.7", SetLastError = true)]
    private static partial int pipe2(int* ends, int flags);
}
