using System;
using System.Runtime.InteropServices;
using System.Threading;

namespace Kvol.Native;

/// <summary>Writes to standard output and standard error without opening another descriptor, so that a message gets out even when none is
/// free.</summary>
internal static unsafe class StandardStream
{
    /// <summary>The number of standard output.</summary>
    public const int Output = 1;

    /// <summary>The number of standard error.</summary>
    public const int Error = 2;

    /// <summary>Returns a descriptor of standard output, and lets what is written to its number go nowhere.</summary>
    public static Fd TakeOutput()
    {
        var taken = Files.Duplicate(new Fd(Output));
        Silence(Output);
        return taken;
    }

    /// <summary>Lets what is written to standard error go nowhere.</summary>
    public static void SilenceError() => Silence(Error);

    /// <summary>write(2) until everything is written; waits while the stream is full, even if another process made it
    /// non-blocking.</summary>
    public static void Write(int stream, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            fixed (byte* b = bytes)
            {
                var n = Libc.write(stream, b, (nuint)bytes.Length);
                if (n >= 0)
                {
                    bytes = bytes[(int)n..];
                    continue;
                }
            }

            var errno = Marshal.GetLastPInvokeError();
            if (Errno.Meaning(errno) == Failure.WouldBlock)
            {
                Thread.Sleep(1);
            }
            else if (errno != Errno.EINTR)
            {
                throw new NativeException("write", stream == Error ? "standard error" : "standard output", errno);
            }
        }
    }

    private static void Silence(int stream)
    {
        using var nowhere = Files.OpenDevice(CName.Of("/dev/null\0"u8));
        Files.Check(Libc.dup2(nowhere.Number, stream), "dup2", nowhere);
    }
}
