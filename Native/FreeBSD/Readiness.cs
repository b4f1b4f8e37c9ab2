using System.Runtime.InteropServices;

namespace Kvol.Native;

/// <summary>Waiting for a pipe or socket without being deaf to signals: poll(2).</summary>
internal static unsafe partial class Readiness
{
    /// <summary>Whether read(2) would return at once, the end included; waits at most so many milliseconds for it. A signal that ends the wait
    /// makes nothing ready.</summary>
    public static bool WaitToRead(Fd fd, int milliseconds)
    {
        var request = new Libc.Pollfd { fd = fd.Number, events = Libc.POLLIN };
        return poll(&request, 1, milliseconds) > 0;
    }

    /// <summary>Whether write(2) would take something at once, or fail; waits at most so many milliseconds for it.</summary>
    public static bool WaitToWrite(Fd fd, int milliseconds)
    {
        var request = new Libc.Pollfd { fd = fd.Number, events = Libc.POLLOUT };
        return poll(&request, 1, milliseconds) > 0;
    }

    [LibraryImport("libc.so.7")]
    private static partial int poll(Libc.Pollfd* fds, uint count, int timeout);
}
