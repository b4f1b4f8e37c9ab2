using System;
using System.Threading;

namespace Kvol.Native;

/// <summary>Lists the mounts below a directory, which need not be a mount point. The kernel lists those below the root directory of the
/// caller alone, so one thread makes the directory its root directory by chroot(2), lists, and ends; no other thread is affected, and none
/// has to return.</summary>
internal static unsafe class RootVisit
{
    private const int StackSize = 256 * 1024;

    /// <summary>What <paramref name="list"/> returns in a thread whose root directory is <paramref name="directory"/>; null where the
    /// confinement of this process forbids that. It must not open anything by a path.</summary>
    public static T? In<T>(Fd directory, Func<T?> list)
        where T : class
    {
        T? found = null;
        var thread = new Thread(() =>
        {
            fixed (byte* itself = ".\0"u8)
            {
                found = Libc.unshare(Libc.CLONE_FS) == 0 && Libc.fchdir(directory.Number) == 0 && Libc.chroot(itself) == 0 ? list() : null;
            }
        }, StackSize);
        thread.Start();
        thread.Join();
        return found;
    }
}
