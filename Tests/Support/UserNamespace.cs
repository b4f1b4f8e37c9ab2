using System;
using System.IO;
using System.Threading;

namespace Kvol.Tests.Support;

/// <summary>A process in a user namespace of its own. Its map of ids has lines of three numbers, as user_namespaces(7) has them;
/// without a map, no id is mapped.</summary>
internal sealed class UserNamespace : IDisposable
{
    private readonly Running child = new("unshare", ["--user", "sleep", "1000"]);

    public UserNamespace(string? map = "0 100000 65536\n")
    {
        while (File.ReadAllText($"/proc/{child.Pid}/comm") != "sleep\n")
        {
            if (child.HasExited)
            {
                throw new InvalidOperationException(child.Wait().Err);
            }

            Thread.Sleep(5);
        }

        if (map is not null)
        {
            File.WriteAllText($"/proc/{child.Pid}/uid_map", map);
            File.WriteAllText($"/proc/{child.Pid}/gid_map", map);
        }
    }

    /// <summary>The path that names it as long as the process lives.</summary>
    public string Path => $"/proc/{child.Pid}/ns/user";

    public int Pid => child.Pid;

    public void Dispose() => child.Dispose();
}
