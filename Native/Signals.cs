using System.Runtime.InteropServices;

namespace Kvol.Native;

/// <summary>What signals do to this process: signal(2), kill(2).</summary>
internal static class Signals
{
    private const int SIGPIPE = 13; // on both systems

    /// <summary>A reader that goes away is an error of write(2), and the request for progress never ends the process, whatever it does at
    /// that moment.</summary>
    public static void IgnoreHarmless()
    {
        _ = Libc.signal(SIGPIPE, Libc.SIG_IGN);
        _ = Libc.signal((int)Host.ProgressSignal, Libc.SIG_IGN);
    }

    /// <summary>Ends the process by a signal, as it ends one that does not catch it, so that the caller's shell sees what ended it. Returns
    /// only where the signal is blocked.</summary>
    public static void EndBy(int signal)
    {
        _ = Libc.signal(signal, Libc.SIG_DFL);
        _ = Libc.kill(ProcessTable.Self, signal);
    }
}
