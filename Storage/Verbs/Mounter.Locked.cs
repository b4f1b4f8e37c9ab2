using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Mounts;
using Kvol.Storage.Stores;
using Kvol.Storage.Values;

namespace Kvol.Storage.Verbs;

/// <content>What a command holds while it works in a root directory.</content>
internal sealed partial class Mounter
{
    /// <summary>Works on specs with the root directory and the locks of all their volumes.</summary>
    private static T WithLocks<T>(Context context, string rootPath, IReadOnlyList<MountSpec> specs,
        Func<RootSession, IReadOnlyList<MountSpec>, T> work, string? jail = null)
    {
        if (specs.GroupBy(s => s.Destination).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            throw new KvolException(ExitStatus.Usage, twice.Key, "is the destination of two mounts");
        }

        if (!context.Configuration.CreatesByMounting)
        {
            specs = [.. specs.Select(s => s.LiveVolume is null ? s : s with { NoCreate = s.NoCreate ?? true })];
        }

        MountSources.CheckNamespaces(specs);
        using var root = RootDirectory.Open(rootPath, context.Configuration.Root);
        var creates = specs.Any(s => s.LiveVolume is not null && s.NoCreate != true);
        using var store = VolumeStores.Open(context.Configuration, creates, context.Upkeep);
        using var session = new RootSession(context, store, root);
        var volumes = specs.Select(s => s.Volume).OfType<VolumeName>().ToArray();
        using var locks = store is not null ? new VolumeLocks(store, volumes, context)
            : volumes.Length == 0 ? null : throw (specs.FirstOrDefault(s => s.LiveVolume is not null)?.Volume is { } live
                ? Refusals.NotToBeMade(live, context.Configuration) : Refusals.NoSuchVolume(volumes[0]));
        var results = work(session, specs);
        LastUses.Note(context, store, volumes.Select(v => (v, jail)));
        if (HostProbe.OwnMounts is { } own)
        {
            context.Warn($"{root.Path}: {own}");
        }

        return results;
    }
}
