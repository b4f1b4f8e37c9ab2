namespace Kvol.Native;

/// <summary>Waits for a pipe or socket and still notices signals: poll(2).</summary>
internal static unsafe class Readiness
{
    /// <summary>Whether read(2) would return at once, with data or at the end; waits at most so many milliseconds for it. False when a
    /// signal ends the wait.</summary>
    public static bool WaitToRead(Fd fd, int milliseconds) => Wait(fd, Libc.POLLIN, milliseconds);

    /// <summary>Whether write(2) would accept a byte or fail at once; waits at most so many milliseconds for it.</summary>
    public static bool WaitToWrite(Fd fd, int milliseconds) => Wait(fd, Libc.POLLOUT, milliseconds);

    private static bool Wait(Fd fd, short events, int milliseconds)
    {
        var request = new Libc.Pollfd { fd = fd.Number, events = events };
        return Libc.poll(&request, 1, milliseconds) > 0;
    }
}
