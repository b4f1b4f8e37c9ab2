using System.Collections.Generic;
using System.Runtime.InteropServices;

namespace Kvol.Native;

/// <summary>The running jails: jail_get(2).</summary>
internal static unsafe class Jails
{
    /// <summary>Whether the kernel knows which jails run.</summary>
    public static bool AreKnown => true;

    /// <summary>The jails that this process can see. Dying jails, which contain no process any more, are left out, jail(2).</summary>
    public static IReadOnlyList<Jail> All()
    {
        var all = new List<Jail>();
        while (Next(all.Count == 0 ? 0 : all[^1].Id) is { } jail)
        {
            all.Add(jail);
        }

        return all;
    }

    /// <summary>The jail with the lowest number above <paramref name="last"/>; null when there is none: the parameter
    /// <c>lastjid</c>.</summary>
    private static Jail? Next(int last)
    {
        var name = stackalloc byte[Libc.MAXHOSTNAMELEN];
        var path = stackalloc byte[Libc.MAXPATHLEN];
        new System.Span<byte>(name, Libc.MAXHOSTNAMELEN).Clear();
        new System.Span<byte>(path, Libc.MAXPATHLEN).Clear();
        fixed (byte* lastjid = "lastjid\0"u8, nameOption = "name\0"u8, pathOption = "path\0"u8)
        {
            var options = stackalloc Libc.Iovec[6];
            options[0] = new() { iov_base = lastjid, iov_len = 8 };
            options[1] = new() { iov_base = &last, iov_len = sizeof(int) };
            options[2] = new() { iov_base = nameOption, iov_len = 5 };
            options[3] = new() { iov_base = name, iov_len = Libc.MAXHOSTNAMELEN };
            options[4] = new() { iov_base = pathOption, iov_len = 5 };
            options[5] = new() { iov_base = path, iov_len = Libc.MAXPATHLEN };
            var jid = Libc.jail_get(options, 6, 0);
            if (jid < 0 && Errno.Meaning(Marshal.GetLastPInvokeError()) == Failure.NotFound)
            {
                return null;
            }

            Files.Check(jid, "jail_get", Fd.None);
            return new Jail(jid, FileSystem.Text(name, Libc.MAXHOSTNAMELEN).ToString(), FileSystem.Text(path, Libc.MAXPATHLEN));
        }
    }
}
