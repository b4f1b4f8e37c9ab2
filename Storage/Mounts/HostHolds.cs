using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Stores;
using Kvol.Storage.Values;

namespace Kvol.Storage.Mounts;

/// <summary>What other hosts learn of the holds of this host: the store that they share records them as it does mounts. A hold of a volume
/// in another store costs nothing here.</summary>
internal static class HostHolds
{
    /// <summary>Records the volumes of a hold in their store. The caller holds their locks.</summary>
    public static void Add(Context context, IVolumeStore store, Hold hold)
    {
        if (store.Shared is not { } shared || context.Plan is not null)
        {
            return;
        }

        foreach (var volume in hold.Of(store.Id))
        {
            var use = volume.UseOf(hold);
            shared.Hosts.Change(context, volume.Name, uses => uses.Where(u => u.Holder != use.Holder || u.Path != use.Path).Append(use));
        }
    }

    /// <summary>Removes what a store says of a hold that has ended on this host. If that fails, kvol warns: the container or client has
    /// ended all the same, and gc removes the rest. A store that is not open is opened if the hold needs it.</summary>
    public static void Remove(Context context, IVolumeStore? store, Hold? released)
    {
        HeldVolume[] volumes = [.. released?.Volumes.Where(v => v.IsShared) ?? []];
        if (released is null || volumes.Length == 0 || context.Plan is not null)
        {
            return;
        }

        try
        {
            using var opened = store is null ? VolumeStores.Open(context.Configuration, create: false, context.Upkeep) : null;
            if ((store ?? opened) is { Shared: not null } shared)
            {
                foreach (var name in volumes.Where(v => v.Store == shared.Id).Select(v => v.Name).Distinct())
                {
                    HostUsage.Change(context, shared, name, uses => Without(context, shared, released.Holder, name, uses));
                }
            }

            WarnOfOthers(context, released, [.. volumes.Where(v => v.Store != (store ?? opened)?.Id)]);
        }
        catch (Exception e) when (e is KvolException or NativeException)
        {
            context.Warn($"{string.Join(", ", volumes.Select(v => v.Name.Text).Distinct())}: the store still says that {released.Who} uses "
                + $"it ({e.Message}); to remove that later: kvol gc");
        }
    }

    private static void WarnOfOthers(Context context, Hold released, HeldVolume[] volumes)
    {
        foreach (var ofOne in volumes.GroupBy(RootOf))
        {
            context.Warn($"{string.Join(", ", ofOne.Select(v => v.Name.Text).Distinct())}: the store {Shown.Of(ofOne.Key)} is not the one "
                + $"in use, and still says that {released.Who} uses it; to remove that: kvol --root {Shown.Quoted(ofOne.Key)} gc");
        }
    }

    // Only a directory store can be shared.
    private static string RootOf(HeldVolume volume) =>
        volume.Path.LastIndexOf($"/volumes/{volume.Name}/data", StringComparison.Ordinal) is > 0 and var end ? volume.Path[..end]
            : volume.Path;

    /// <summary>What a store need say of a volume when a holder may have released it. The same holder may hold it again.</summary>
    private static IEnumerable<HostUse> Without(
        Context context, IVolumeStore store, Holder holder, VolumeName name, IReadOnlyList<HostUse> uses) =>
        uses.Where(u => u.Holder != holder.ToString() || Holds.Has(context.Configuration, holder, store.Id, name));
}
