using System;
using System.IO;
using System.Threading;

namespace Kvol.Tests.Support;

/// <summary>A process that has a bind mount in a mount namespace of its own, invisible to this process.</summary>
internal static class Holder
{
    public static Running Start(string source, string target)
    {
        var ready = target + ".ready";
        var child = new Running("unshare", ["--mount", "--propagation", "private", "sh", "-c",
            "mount --bind \"$1\" \"$2\" && : >\"$3\" && exec sleep 1000", "sh", source, target, ready]);
        while (!File.Exists(ready))
        {
            if (child.HasExited)
            {
                throw new InvalidOperationException(child.Wait().Err);
            }

            Thread.Sleep(5);
        }

        return child;
    }
}
