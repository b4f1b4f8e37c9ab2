namespace Kvol.Native;

/// <content>The size of a pipe.</content>
internal static unsafe partial class Pipe
{
    private const int Wanted = 1 << 20;

    // A mebibyte where that is allowed, fcntl(2).
    static partial void Enlarge(Fd pipe) => _ = Libc.fcntl(pipe.Number, Libc.F_SETPIPE_SZ, Wanted);
}
