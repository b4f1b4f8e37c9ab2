using System.Runtime.InteropServices;

namespace Kvol.Native;

/// <summary>What signals do to this process: signal(2), kill(2).</summary>
internal static class Signals
{
    private const int SIGPIPE = 13, SIGXFSZ = 25; // on both systems

    /// <summary>A reader that goes away is an error of write(2), and the request for progress never ends the process, whatever it does at
    /// that moment.</summary>
    public static void IgnoreHarmless()
    {
        _ = Libc.signal(SIGPIPE, Libc.SIG_IGN);
        // The runtime leaves a signal alone that is ignored, so that nobody would hear of it later: abs(3) is a handler that does nothing.
        _ = Libc.signal((int)Host.ProgressSignal, NativeLibrary.GetExport(NativeLibrary.GetMainProgramHandle(), "abs"));
        _ = Libc.signal(SIGXFSZ, Libc.SIG_IGN); // write(2) fails with EFBIG then, and what was begun is undone
    }

    /// <summary>Ends the process by a signal, as it ends one that does not catch it, so that the caller's shell sees what ended it. Returns
    /// only where the signal is blocked.</summary>
    public static void EndBy(int signal)
    {
        _ = Libc.signal(signal, Libc.SIG_DFL);
        _ = Libc.kill(ProcessTable.Self, signal);
    }
}
