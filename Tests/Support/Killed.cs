using System.Collections.Generic;

namespace Kvol.Tests.Support;

/// <summary>Runs kvol and kills it by SIGKILL at its Nth call of one kind, before the kernel executes the call: strace(1) sends the
/// signal.</summary>
internal static class Killed
{
    /// <summary>Runs kvol in a box; false if it ended by itself because it made fewer such calls.</summary>
    public static bool At(Box box, string call, int which, params string[] arguments)
    {
        using var child = new Running(
            "strace", ["-f", "-qq", "-o", "/dev/null", "-e", "trace=" + call, "-e", $"inject={call}:signal=SIGKILL:when={which}",
                Box.Binary, .. arguments],
            new Dictionary<string, string>(box.Environment), box.Top);
        return child.Wait().Exit == 137;
    }
}
