using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Stores;
using Kvol.Storage.Values;

namespace Kvol.Storage.Mounts;

/// <summary>The records of volumes that containers and plugin clients use without a mount of kvol's: one file for each holder in the run
/// directory. A hold is taken and tested under the volume's lock, and counts until it is released, its container is gone, or the host
/// starts again.</summary>
internal static class Holds
{
    private const string Lock = "holds";

    /// <summary>Records a hold of volumes of a store, there too if hosts share it. The volumes that the same holder held before stay held.
    /// The caller holds the locks of its volumes.</summary>
    public static void Take(Context context, IVolumeStore store, Hold hold)
    {
        hold = hold with { Volumes = [.. hold.Volumes.Select(v => v with { IsShared = store.Shared is not null })] };
        HostHolds.Add(context, store, hold);
        TakeHere(context, hold);
        HostHolds.Add(context, store, hold); // a release of an earlier hold may have removed it meanwhile
    }

    private static void TakeHere(Context context, Hold hold)
    {
        if (context.Plan is { } plan)
        {
            plan.Note($"record in {context.Configuration.RunDirectory}/holds that {hold.Who} uses "
                + string.Join(", ", hold.Volumes.Select(v => v.Name.Text).Distinct()));
            return;
        }

        Change(context, create: true, directory =>
        {
            var before = Read(directory, hold.Holder);
            Write(directory, before is null ? hold : hold.Including(before));
        });
    }

    /// <summary>Ends what a holder holds, or only its hold of one volume; what is held no longer, or null if it did not hold
    /// that.</summary>
    public static Hold? Release(Context context, Holder holder, IVolumeStore? store = null, VolumeName? volume = null)
    {
        var released = ReleaseHere(context, holder, store, volume);
        HostHolds.Remove(context, store, released);
        return released;
    }

    private static Hold? ReleaseHere(Context context, Holder holder, IVolumeStore? store, VolumeName? volume)
    {
        Hold? released = null;
        if (!Exist(context))
        {
            return null;
        }

        Change(context, create: false, directory =>
        {
            var before = Read(directory, holder);
            if (before is null && volume is not null)
            {
                return; // a damaged record may be of other volumes
            }

            var after = before is not null && store is not null && volume is not null ? before.Without(store.Id, volume) : null;
            released = before is null || after?.Volumes.Count == before.Volumes.Count ? null
                : before with { Volumes = [.. before.Volumes.Except(after?.Volumes ?? [])] };
            if (context.Plan is { } plan)
            {
                plan.Note(released is null ? $"{holder} holds nothing" : $"end the hold of {released.Who}");
            }
            else if (after is { Volumes.Count: > 0 })
            {
                Write(directory, after);
            }
            else
            {
                StateFile.Remove(directory, holder.File);
            }
        });
        return released;
    }

    /// <summary>The holds of this boot whose holder is not known to be gone. Damaged records are left out.</summary>
    public static IReadOnlyList<Hold> All(Configuration configuration)
    {
        using var directory = RunDirectory.PeekHolds(configuration);
        var gone = new GoneRoots();
        return [.. Holders(directory).Select(h => Read(directory, h)).OfType<Hold>().Where(h => !gone.Contains(h))];
    }

    /// <summary>Whether a holder holds a volume, as far as its record can be read.</summary>
    public static bool Has(Configuration configuration, Holder holder, string store, VolumeName name)
    {
        using var directory = RunDirectory.PeekHolds(configuration);
        return directory.IsOpen && Read(directory, holder)?.Of(store).Any(v => v.Name == name) == true;
    }

    /// <summary>Those of one volume; an error (75) if a record is damaged, because it may be of this volume.</summary>
    public static IReadOnlyList<(Hold Hold, HeldVolume Volume)> Of(Configuration configuration, IVolumeStore store, VolumeName name)
    {
        var found = new List<(Hold, HeldVolume)>();
        using var directory = RunDirectory.PeekHolds(configuration);
        var gone = new GoneRoots();
        foreach (var holder in Holders(directory))
        {
            Hold? hold;
            try
            {
                hold = ReadChecked(directory, holder);
            }
            catch (KvolException)
            {
                throw new KvolException(ExitStatus.Busy, name.Text, $"may be in use: {Damage(directory, holder)}");
            }

            if (hold?.Of(store.Id).FirstOrDefault(v => v.Name == name) is not null && !gone.Contains(hold))
            {
                found.AddRange(hold.Of(store.Id).Where(v => v.Name == name).Select(v => (hold, v)));
            }
        }

        return found;
    }

    /// <summary>Throws an error (75) that names who holds a volume, if anybody does; with <paramref name="writable"/>, only who may write
    /// to it counts.</summary>
    public static void RequireNone(Context context, IVolumeStore store, VolumeName name, bool writable = false)
    {
        var holds = Of(context.Configuration, store, name).Where(h => !writable || !h.Volume.IsReadOnly).Select(h => h.Hold).Distinct()
            .ToArray();
        if (holds.Length > 0)
        {
            throw new KvolException(ExitStatus.Busy, name.Text, $"is held by {Describe(holds)}; {WayOut(holds[0])}");
        }
    }

    /// <summary>How holders are named in a message.</summary>
    public static string Describe(IReadOnlyList<Hold> holds) => string.Join(", ", holds.Take(VolumeUse.MostNamed).Select(h => h.Who))
        + (holds.Count > VolumeUse.MostNamed ? $" and {holds.Count - VolumeUse.MostNamed} more" : "");

    /// <summary>How a hold ends.</summary>
    public static string WayOut(Hold hold) => $"{(hold.Root is null ? "stop what uses it" : "stop that container")}; if it has ended, "
        + $"and did not tell kvol: kvol detach {Shown.Quoted(hold.Holder.ToString())}";

    /// <summary>The holder that a word of the form <c>KIND:ID</c> names, or those that have any other word as their id.</summary>
    public static IReadOnlyList<Holder> Named(Configuration configuration, string id)
    {
        using var directory = RunDirectory.PeekHolds(configuration);
        return [.. Holders(directory).Where(h => (Holder.IsQualified(id) ? h.ToString() : h.Id) == id && Read(directory, h) is not null)];
    }

    /// <summary>The records that are damaged, one line each that says what to do.</summary>
    public static IReadOnlyList<string> Damaged(Configuration configuration)
    {
        using var directory = RunDirectory.PeekHolds(configuration);
        var lines = new List<string>();
        foreach (var holder in Holders(directory))
        {
            try
            {
                _ = ReadChecked(directory, holder);
            }
            catch (KvolException)
            {
                lines.Add(Damage(directory, holder));
            }
        }

        return lines;
    }

    /// <summary>Removes the holds of containers that are gone, those of an earlier boot, and what killed commands left; with
    /// <paramref name="dryRun"/> only finds them. Returns the former.</summary>
    public static IReadOnlyList<Hold> Sweep(Context context, bool dryRun, Action<string> litter)
    {
        var swept = new List<Hold>();
        if (!Exist(context))
        {
            return swept;
        }

        Change(context, create: false, directory =>
        {
            var gone = new GoneRoots();
            foreach (var holder in Holders(directory))
            {
                var hold = Read(directory, holder);
                if (hold is not null ? !gone.Contains(hold) : !IsOfOtherBoot(directory, holder))
                {
                    continue;
                }

                swept.AddRange(hold is not null ? [hold] : []);
                if (!dryRun)
                {
                    StateFile.Remove(directory, holder.File);
                }
            }

            foreach (var file in StateFile.FindUnfinished(directory))
            {
                if (StateFile.SweepUnfinished(directory, file, dryRun) is { } path)
                {
                    litter(path);
                }
            }
        });
        return swept;
    }

    private static bool Exist(Context context)
    {
        using var directory = RunDirectory.PeekHolds(context.Configuration);
        return directory.IsOpen;
    }

    // One record is read and written at a time, so that two holders' changes do not lose each other.
    private static void Change(Context context, bool create, Action<Fd> change)
    {
        using var run = RunDirectory.Open(context.Configuration, context.Upkeep, create);
        using var locks = context.Plan is null ? RunDirectory.OpenLocks(run, context.Upkeep) : Fd.None;
        using var held = FileLock.Take(locks, Lock, "the records of holds", context);
        using var directory = RunDirectory.OpenHolds(run, context.Upkeep, create);
        if (directory.IsOpen)
        {
            change(directory);
        }
    }

    private static void Write(Fd directory, Hold hold) =>
        StateFile.Write(directory, hold.Holder.File, json => hold.Write(json, Host.BootId), durable: false); // no mount outlives the boot

    private static Hold? Read(Fd directory, Holder holder) =>
        StateFile.TryRead(directory, holder.File, json => Hold.Read(json, holder, Host.BootId));

    // An error (65) if the record is damaged.
    private static Hold? ReadChecked(Fd directory, Holder holder) =>
        StateFile.ReadChecked(directory, holder.File, json => Hold.Read(json, holder, Host.BootId));

    private static bool IsOfOtherBoot(Fd directory, Holder holder) =>
        StateFile.TryRead(directory, holder.File, json => json.GetProperty("boot").GetString()) is { } boot && boot != Host.BootId;

    private static string Damage(Fd directory, Holder holder)
    {
        var path = $"{Files.PathOf(directory)}/{holder.File}";
        return $"{path} is damaged, so kvol does not know which volumes {holder} uses; when that has ended, remove the record: "
            + $"rm {Shown.Quoted(path)}";
    }

    private static List<Holder> Holders(Fd directory)
    {
        var holders = new List<Holder>();
        if (!directory.IsOpen)
        {
            return holders;
        }

        using var listing = Files.Reopen(directory);
        var reader = new DirectoryReader();
        for (reader.Start(listing); reader.MoveNext();)
        {
            if (Holder.OfFile(reader.Name.ToString()) is { } holder)
            {
                holders.Add(holder);
            }
        }

        holders.Sort((a, b) => string.CompareOrdinal(a.File, b.File));
        return holders;
    }
}
