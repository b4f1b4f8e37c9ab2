namespace Kvol.Native;

/// <summary>Waiting for a pipe or socket without being deaf to signals: poll(2).</summary>
internal static unsafe class Readiness
{
    /// <summary>Whether read(2) would return at once, the end included; waits at most so many milliseconds for it. A signal that ends the
    /// wait makes nothing ready.</summary>
    public static bool WaitToRead(Fd fd, int milliseconds) => Wait(fd, Libc.POLLIN, milliseconds);

    /// <summary>Whether write(2) would take something at once, or fail; waits at most so many milliseconds for it.</summary>
    public static bool WaitToWrite(Fd fd, int milliseconds) => Wait(fd, Libc.POLLOUT, milliseconds);

    private static bool Wait(Fd fd, short events, int milliseconds)
    {
        var request = new Libc.Pollfd { fd = fd.Number, events = events };
        return Libc.poll(&request, 1, milliseconds) > 0;
    }
}
