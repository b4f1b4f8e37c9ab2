using System;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Stores;
using Kvol.Storage.Trees;
using Kvol.Storage.Values;

namespace Kvol.Storage.Verbs;

/// <summary>Fills an empty volume and reports what could not be kept.</summary>
internal static class Seeding
{
    /// <summary>The caller holds the volume's lock. <paramref name="covered"/> is what <paramref name="directory"/> was opened
    /// from.</summary>
    public static SeedRecord Run(IVolumeStore store, VolumeName name, Fd directory, Fd covered, bool crossMounts, bool isMounted,
        Context context)
    {
        var report = new CopyReport();
        var source = Files.PathOf(covered).ToString();
        SeedRecord seed;
        try
        {
            using (context.Watch(report))
            {
                seed = store.Fill(name, Copy, isMounted, context);
            }
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            if (report.Lines is { Length: > 0 } lost && HoldsSomething(store, name))
            {
                Losses.Tell(context, name, lost, count: report.LossCount); // it failed after the commit, so the volume lacks these
            }

            throw;
        }

        context.Plan?.Note($"fill {name} with a copy of {source}: all or nothing, with the owners, ACLs, extended attributes, flags, holes "
            + "and hard links that cp(1) does not keep");
        Losses.Tell(context, name, seed.NotKept, count: seed.NotKeptCount);
        return seed;

        (SeedRecord Seed, HeldFlags Held) Copy(Fd tree, TopDirectory chosen)
        {
            var options = CopyOptions.Of(context, crossMounts) with { Cloning = store.MayClone(context.Configuration.Cloning) };
            var held = TreeCopier.Copy(directory, tree, options, report, chosen);
            return (SeedRecord.Of(source, report), held);
        }
    }

    // If even that cannot be determined, it counts as possible.
    private static bool HoldsSomething(IVolumeStore store, VolumeName name)
    {
        try
        {
            return !store.IsEmpty(name);
        }
        catch (Exception e) when (e is NativeException or KvolException)
        {
            return true;
        }
    }

    /// <summary><c>kvol seed NAME DIR</c>: an error (73) when the volume holds something, (75) when it is mounted.</summary>
    public static SeedRecord FromHost(Context context, VolumeName name, string path, bool crossMounts)
    {
        using var volume = OpenedVolume.Existing(context, name);
        using var directory = OpenSource(path);
        volume.RequireEmpty();
        volume.RequireUnused();
        return Failures.Name(
            name.Text, () => Run(volume.Store, name, directory, directory, crossMounts, isMounted: false, context));
    }

    private static Fd OpenSource(string path)
    {
        try
        {
            return Files.OpenDirectory(new ByteString(HostPath.Absolute(path)));
        }
        catch (NativeException e) when (e.Failure is Failure.NotFound or Failure.NotDirectory)
        {
            throw new KvolException(ExitStatus.NoInput, new ByteString(path).ToString(), e.Reason);
        }
    }
}
