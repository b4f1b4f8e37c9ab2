using System.Runtime.InteropServices;

namespace Kvol.Native;

/// <summary>A pipe, pipe2(2).</summary>
internal static unsafe partial class Pipe
{
    /// <summary>Makes a pipe: what is written to one end is read from the other.</summary>
    public static (Fd Reader, Fd Writer) Make()
    {
        var ends = stackalloc int[2];
        if (Libc.pipe2(ends, Libc.O_CLOEXEC) != 0)
        {
            throw new NativeException("pipe2", "pipe", Marshal.GetLastPInvokeError());
        }

        var (reader, writer) = (new Fd(ends[0]), new Fd(ends[1]));
        Enlarge(reader);
        return (reader, writer);
    }

    // Not implemented for a system that sizes its pipes by itself.
    static partial void Enlarge(Fd pipe);
}
