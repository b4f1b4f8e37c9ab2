using System;
using System.Runtime.InteropServices;
using System.Threading;

namespace Kvol.Native;

/// <summary>Standard output and standard error as descriptors, without a second one for either: a message can be written also where no
/// descriptor is left.</summary>
internal static unsafe class StandardStream
{
    /// <summary>The number of standard output.</summary>
    public const int Output = 1;

    /// <summary>The number of standard error.</summary>
    public const int Error = 2;

    /// <summary>write(2) until everything is written; waits where a stream that another process made non-blocking is full.</summary>
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
                throw new NativeException("write", stream == Output ? "standard output" : "standard error", errno);
            }
        }
    }
}
