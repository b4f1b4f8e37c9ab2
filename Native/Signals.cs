using System.Runtime.InteropServices;

namespace Kvol.Native;

/// <summary>What signals do to this process: signal(2), kill(2).</summary>
internal static class Signals
{
    private const int SIGPIPE = 13, SIGXFSZ = 25; // on both systems

    /// <summary>When a reader goes away, write(2) fails instead of ending the process. The progress signal never ends the process
    /// either.</summary>
    public static void IgnoreHarmless()
    {
        _ = Libc.signal(SIGPIPE, Libc.SIG_IGN);
        // The runtime does not handle a signal that is ignored, so kvol would never receive it: abs(3) serves as a handler that does
        // nothing.
        _ = Libc.signal((int)Host.ProgressSignal, NativeLibrary.GetExport(NativeLibrary.GetMainProgramHandle(), "abs"));
        _ = Libc.signal(SIGXFSZ, Libc.SIG_IGN); // write(2) fails with EFBIG then, and what was begun is undone
    }

    /// <summary>Ends the process by the default action of a signal, so that the caller's shell sees the cause. Returns only where the
    /// signal is blocked.</summary>
    public static void EndBy(int signal)
    {
        _ = Libc.signal(signal, Libc.SIG_DFL);
        _ = Libc.kill(ProcessTable.Self, signal);
    }
}
