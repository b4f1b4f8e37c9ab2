using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Trees;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>The store of a dry run: reads from the real store, which may not exist yet, announces changes in place of making them, and
/// shows later checks what the steps so far would have changed.</summary>
internal sealed partial class PlannedStore(string root, IVolumeStore? real, INewStoreSteps steps, Plan plan) : IVolumeStore
{
    private readonly PlannedVolumes planned = plan.Volumes;
    private readonly Lazy<HashSet<VolumeName>> unfinished = new(() => real is null ? [] : [.. real.Unfinished()]);

    public string Root => root;

    public string Id => real?.Id ?? "";

    public string? KnownCloningStatus => real?.KnownCloningStatus;

    public string? Exposure => real?.Exposure;

    public SharedStore? Shared => real?.Shared;

    public string? Trouble => null; // determined by an attempt

    public IVolumeKeys? Keys => Datasets;

    public IVolumeStreams? Streams => Datasets;

    private PlannedDatasets? Datasets =>
        real is ZfsStore datasets ? new(datasets, plan, name => Show(name, new NewVolume(), VolumeState.Ready)) : null;

    private IVolumeStore Real => real ?? throw new InvalidOperationException("a volume of a store that does not exist");

    private IStoreSteps Steps => (IStoreSteps)steps;

    public string CloningStatus() => real?.KnownCloningStatus ?? "";

    public bool MayClone(bool wanted) => wanted;

    public IReadOnlyList<StoreEntry> List(Action<KvolException> damaged) =>
    [
        .. (real?.List(damaged) ?? []).Where(e => !(VolumeName.IsValid(e.Text) && planned.Changed.ContainsKey(VolumeName.Parse(e.Text))))
            .Concat(planned.Changed.Values.OfType<Volume>()).OrderBy(e => e.Text, StringComparer.Ordinal),
    ];

    public IReadOnlyList<string> Names(Action<KvolException> damaged) => [.. List(damaged).Select(e => e.Text)];

    public Volume? Find(VolumeName name) => planned.Changed.TryGetValue(name, out var volume) ? volume : real?.Find(name);

    public IDisposable Lock(VolumeName name, Context context, bool toRemove)
    {
        if (!toRemove && !planned.Changed.ContainsKey(name) && unfinished.Value.Contains(name))
        {
            planned.Changed[name] = Steps.PlanHealing(plan, name) is { } state && Real.Find(name) is { } volume
                ? volume with { State = state } : null;
        }

        return Fd.None;
    }

    public IReadOnlyList<VolumeName> Unfinished() => [.. unfinished.Value];

    public IReadOnlyList<string> Sweep(bool dryRun) => real?.Sweep(dryRun: true) ?? [];

    public bool Create(VolumeName name, NewVolume wanted)
    {
        if (Find(name) is not null)
        {
            steps.RequireSupported(wanted);
            return false;
        }

        Make(name, wanted, VolumeState.Empty);
        return true;
    }

    public void RequireRemovable(VolumeName name, bool force, bool isKept) =>
        Real.RequireRemovable(name, force || Snapshots(name).Count == 0, isKept);

    public void Remove(VolumeName name, bool force)
    {
        Change(() => Steps.PlanRemoval(plan, name, force || Snapshots(name).Count == 0));
        planned.Changed[name] = null;
        planned.Destroyed.Add(name);
    }

    public string SetAside(VolumeName name)
    {
        var path = "";
        Change(() => path = Steps.PlanSettingAside(plan, name));
        planned.Changed[name] = null;
        return path;
    }

    public ByteString? PlannedContent(VolumeName name)
    {
        if (planned.Made.Contains(name))
        {
            return new ByteString(steps.ContentOf(name));
        }

        if (!planned.Opened.Contains(name) && Real.ContentPath(name) is not null)
        {
            return null;
        }

        Open(name);
        return new ByteString(steps.ContentOf(name));
    }

    public bool IsEmpty(VolumeName name)
    {
        if (planned.Changed.GetValueOrDefault(name) is { } volume)
        {
            return volume.State == VolumeState.Empty;
        }

        if (Real.ContentPath(name) is not null)
        {
            return Real.IsEmpty(name);
        }

        Open(name);
        plan.Note($"look into {name}, which is not mounted now: an empty volume would be filled here");
        return false;
    }

    public void TakeOwner(VolumeName name, in FileStatus from, TopParts? takes)
    {
        var chosen = default(TopDirectory);
        if (!planned.Made.Contains(name) && takes is not null)
        {
            using var top = Real.OpenTop(name);
            chosen = VolumeTop.ChosenIn(Files.Status(top), takes);
        }

        if (chosen.Uid is null && from is not { Uid: 0, Gid: 0 })
        {
            plan.Do("chown", $"{from.Uid}:{from.Gid}", steps.ContentOf(name));
        }

        if (chosen.Mode is null && from.Mode != VolumeTop.DefaultMode)
        {
            plan.Do("chmod", Convert.ToString(from.Mode, 8).PadLeft(4, '0'), steps.ContentOf(name));
        }
    }

    public Fd OpenContent(VolumeName name) => Real.OpenContent(name);

    public SnapshotContent OpenContent(SnapshotName name) => Real.OpenContent(name);

    public Fd OpenRemovable(SnapshotName name) => Real.OpenRemovable(name);

    public Fd OpenRemovable(VolumeName name) => Real.OpenRemovable(name);

    public Fd OpenTop(VolumeName name) => Real.OpenTop(name);

    public void EndTaking(VolumeName name)
    {
        // a record
    }

    public long Used(VolumeName name) => planned.Made.Contains(name) ? 0 : Real.Used(name);

    public Func<MountEntry, ShownVolume?> Classifier(MountTable table)
    {
        var shown = real?.Classifier(table) ?? (_ => null);
        return entry => plan.Unmounts(entry.Id) ? null : shown(entry);
    }

    public ByteString? ContentPath(VolumeName name) => planned.Made.Contains(name) ? null : Real.ContentPath(name);

    public Fd OpenRecords(bool create) => real?.OpenRecords(create: false) ?? Fd.None;

    public Fd OpenUses(bool create) => real?.OpenUses(create: false) ?? Fd.None;

    public FileStatus? FindUse(VolumeName name) => real?.FindUse(name);

    public SeedRecord CreateFilled(VolumeName name, NewVolume wanted, FillDirectory fill, Context context)
    {
        Make(name, wanted with { IsMountedNow = true }, VolumeState.Ready);
        return NoSeed;
    }

    public SeedRecord Fill(VolumeName name, FillDirectory fill, bool isMounted, Context context)
    {
        if (!planned.Made.Contains(name))
        {
            Steps.CheckFilling(name, isMounted);
        }

        steps.RequireWritable();
        planned.Changed[name] = Find(name)! with { State = VolumeState.Ready };
        return NoSeed;
    }

    public VolumeView OpenView(VolumeName name, SnapshotName? snapshot) =>
        snapshot is not null && Snapshots(name).All(s => s.Name != snapshot) ? throw Refusals.NoSuchSnapshot(snapshot)
            : new VolumeView(Fd.None, snapshot is not null || real is ZfsStore, () => { });

    public IReadOnlyList<string> LeftOut(VolumeName name) => planned.Made.Contains(name) ? [] : Real.LeftOut(name);

    public void Rename(VolumeName name, VolumeName to)
    {
        Change(() => Steps.PlanRename(plan, name, to));
        (planned.Changed[to], planned.Changed[name]) = (Find(name)! with { Name = to }, null);
    }

    public SeedRecord Clone(VolumeName name, SnapshotName? snapshot, VolumeName to, NewVolume wanted, Context context, Action readsLive)
    {
        Change(() => Steps.PlanClone(plan, name, snapshot, to, wanted, readsLive));
        planned.Made.Add(to);
        planned.Changed[to] = steps.Describe(to, wanted) with { State = VolumeState.Ready };
        return NoSeed;
    }

    public void Promote(VolumeName name) => Change(() => Steps.PlanPromotion(plan, name));

    public SpaceUse Space(VolumeName name) => Real.Space(name);

    public StoreRoom Room() => Real.Room();

    public IReadOnlyList<PropertyValue> Properties(VolumeName name, IReadOnlyList<PropertyName> names) =>
        planned.Made.Contains(name) ? [.. names.Select(n => new PropertyValue(n.Text, null))] : Real.Properties(name, names);

    public void SetProperties(VolumeName name, IReadOnlyList<(PropertyName Name, string Value)> values, Func<bool> isInUse)
    {
        if (planned.Made.Contains(name))
        {
            // The policy is what a new volume gets after its creation.
            Array.ForEach([.. values.Where(v => v.Name.IsPolicy)], v => Refusals.RequirePolicy(v.Value, () => real?.CannotSnapshot));
            plan.Note($"set {string.Join(' ', values.Select(v => $"{v.Name}={v.Value}"))} of {name}");
            return;
        }

        Change(() => Steps.PlanProperties(plan, name, values));
    }

    public void Dispose() => real?.Dispose();

    // What a copy would tell is not known.
    private static SeedRecord NoSeed => new("", DateTimeOffset.UtcNow, 0, 0, []);

    /// <summary>Announces a change, after the checks that it makes itself; the last one is whether the store is read-only.</summary>
    private void Change(Action announce)
    {
        var before = plan.Count;
        announce();
        try
        {
            steps.RequireWritable();
        }
        catch
        {
            plan.Rewind(before);
            throw;
        }
    }

    private void Make(VolumeName name, NewVolume wanted, VolumeState state)
    {
        steps.RequireSupported(wanted);
        Change(() => steps.PlanCreate(plan, name, wanted));
        Show(name, wanted, state);
    }

    // Shows a new volume to later checks.
    private void Show(VolumeName name, NewVolume wanted, VolumeState state)
    {
        planned.Made.Add(name);
        planned.Changed[name] = steps.Describe(name, wanted) with { State = state };
    }

    private void Open(VolumeName name)
    {
        if (planned.Opened.Add(name))
        {
            Steps.PlanOpening(plan, name);
        }
    }
}
