using System;
using System.Diagnostics;
using System.Threading;
using Kvol.Native;

namespace Kvol.Storage.Base;

/// <summary>Waits for the space of files that were just deleted. ZFS counts it as used until it has written the transaction group in which
/// they were deleted, every five seconds (zfs_txg_timeout, zfs(4)); a file system at its quota refuses even a rename until then.</summary>
internal static class FreedSpace
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(12), Step = TimeSpan.FromMilliseconds(100);

    /// <summary>Makes a change, and repeats it while the file system is full, for two transaction groups at most.</summary>
    public static void Await(Action change)
    {
        var waited = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                change();
                return;
            }
            catch (NativeException e) when (e.Failure == Failure.NoSpace && waited.Elapsed < Limit)
            {
                Thread.Sleep(Step);
            }
        }
    }
}
