using System.Threading;

namespace Kvol.Native;

/// <summary>Names of users and groups of this host: getpwnam(3), getgrnam(3).</summary>
internal static unsafe class Accounts
{
    private static readonly Lock Gate = new(); // the result lies in libc's own memory

    /// <summary>The number of a user; null where this host knows none of that name.</summary>
    public static uint? UserId(string name) => Find(name, user: true);

    /// <summary>The number of a group; null where this host knows none of that name.</summary>
    public static uint? GroupId(string name) => Find(name, user: false);

    private static uint? Find(string name, bool user)
    {
        lock (Gate)
        {
            fixed (byte* n = new ByteString(name).Terminated)
            {
                // struct passwd and struct group begin alike: the name, the password, the number.
                var found = user ? Libc.getpwnam(n) : Libc.getgrnam(n);
                return found is null ? null : *(uint*)(found + (2 * sizeof(nint)));
            }
        }
    }
}
