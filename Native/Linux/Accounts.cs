using System.Runtime.InteropServices;
using System.Threading;

namespace Kvol.Native;

/// <summary>Names of users and groups of this host: getpwnam(3), getgrnam(3).</summary>
internal static unsafe partial class Accounts
{
    private static readonly Lock Gate = new(); // the result lies in libc's own memory

    public static uint? UserId(string name) => Find(name, user: true);

    public static uint? GroupId(string name) => Find(name, user: false);

    private static uint? Find(string name, bool user)
    {
        lock (Gate)
        {
            fixed (byte* n = ((CName)new ByteString(name)).Terminated)
            {
                // struct passwd and struct group begin alike: the name, the password, the number.
                var found = user ? getpwnam(n) : getgrnam(n);
                return found is null ? null : *(uint*)(found + (2 * sizeof(nint)));
            }
        }
    }

    [LibraryImport("libc.so.6")]
    private static partial byte* getpwnam(byte* name);

    [LibraryImport("libc.so.6")]
    private static partial byte* getgrnam(byte* name);
}
