using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Mounts;
using Kvol.Storage.Stores;
using Kvol.Storage.Values;

namespace Kvol.Storage.Verbs;

/// <summary>Finds what a host lacks of what its file lists. Changes nothing.</summary>
internal static class HostPlan
{
    /// <summary>Reads the file of <c>kvol apply</c>; <see cref="InputFile.Standard"/> is standard input.</summary>
    public static DeclaredHost Read(Context context, string file)
    {
        using var input = InputFile.Open(file);
        return DeclaredFile.Parse(input.ReadAll(context), input.Subject);
    }

    /// <summary>The volumes and then the root directories of the file, in its order, each with its differences. An error (65, 69) for what
    /// this store can never have.</summary>
    public static IReadOnlyList<PlanItem> Of(Context context, DeclaredHost host)
    {
        using var store = VolumeStores.Open(context.Configuration, create: false, context.Upkeep);
        var volumes = store?.List(_ => { }).OfType<Volume>().ToDictionary(v => v.Name) ?? [];
        var ofVolumes = new VolumePlan(store, volumes);
        foreach (var volume in host.Volumes)
        {
            VolumePlan.Check(volume, context.Configuration.Root);
        }

        var items = new List<PlanItem>(host.Volumes.Count + host.Roots.Count);
        items.AddRange(host.Volumes.Select(v => Item(() => ofVolumes.Of(v), v, null)));
        if (host.Roots.Count > 0)
        {
            RequireDistinct(host.Roots);
            var records = RunRecords.Peek(context.Configuration);
            var ofRoots = new RootPlan(context.Configuration, new KvolMounts(store, records.SelectMany(r => r.Mounts)), volumes);
            items.AddRange(host.Roots.Select(r => Item(() => ofRoots.Of(r), null, r)));
        }

        return items;
    }

    // What one entry mounts would be undeclared to the other.
    private static void RequireDistinct(IEnumerable<DeclaredRoot> roots)
    {
        var known = new Dictionary<ByteString, string>();
        foreach (var path in roots.Select(r => r.Path))
        {
            if (HostPlace.Resolve(path) is { } place && !known.TryAdd(place, path) && known[place] != path)
            {
                throw new KvolException(ExitStatus.Damaged, Shown.Word(path),
                    $"is the same directory as {Shown.Word(known[place])}, which the file has too; write it the same way");
            }
        }
    }

    private static PlanItem Item(Func<IReadOnlyList<PlanStep>> compare, DeclaredVolume? volume, DeclaredRoot? root)
    {
        try
        {
            return new PlanItem(volume, root, compare());
        }
        catch (KvolException e)
        {
            return new PlanItem(volume, root, [], e);
        }
        catch (IOException e) when (HostProbe.StatusOf(e) != ExitStatus.Internal)
        {
            return new PlanItem(volume, root, [], new KvolException(HostProbe.StatusOf(e),
                volume?.Name.Text ?? root!.Path, Failures.TextOf(e)));
        }
    }
}
