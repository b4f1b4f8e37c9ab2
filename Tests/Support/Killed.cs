using System.Collections.Generic;

namespace Kvol.Tests.Support;

/// <summary>kvol killed by SIGKILL at its Nth call of one kind, which the kernel then does not do: strace(1) gives the signal.</summary>
internal static class Killed
{
    /// <summary>Runs kvol in a box; false when it ended by itself, there being fewer such calls.</summary>
    public static bool At(Box box, string call, int which, params string[] arguments)
    {
        using var child = new Running(
            "strace", ["-f", "-qq", "-o", "/dev/null", "-e", "trace=" + call, "-e", $"inject={call}:signal=SIGKILL:when={which}",
                Box.Binary, .. arguments],
            new Dictionary<string, string>(box.Environment), box.Top);
        return child.Wait().Exit == 137;
    }
}
