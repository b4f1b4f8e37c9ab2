using System;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Storage.Mounts;

/// <summary>Records which jails were seen alive: only such a jail is known to be dead as soon as it is gone. Every run of kvol that lists
/// jails does so.</summary>
internal static class Sightings
{
    /// <summary>Records the numbers of the running jails; skips root directories that another kvol has locked.</summary>
    public static void Record(Context context, RunRecords runs)
    {
        if (!Jails.AreKnown || context.Plan is not null)
        {
            return;
        }

        var liveness = Liveness.Now();
        foreach (var record in runs.All().Where(r => !ReferenceEquals(liveness.Seen(r), r)))
        {
            try
            {
                using var held = runs.LockRoot(record.Identity, record.Path, context with { WaitLimit = TimeSpan.Zero });
                var before = runs.Of(record.Identity, record.Path);
                runs.Write(liveness.Seen(before), before);
            }
            catch (Exception e) when (e is KvolException or NativeException)
            {
                // locked, or a full disk: the next run records it
            }
        }
    }
}
