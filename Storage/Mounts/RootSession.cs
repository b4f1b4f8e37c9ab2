using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Stores;
using Kvol.Storage.Values;

namespace Kvol.Storage.Mounts;

/// <summary>A root directory under its lock, with the mounts in it and kvol's records of them.</summary>
internal sealed class RootSession : IDisposable
{
    private readonly IDisposable held;
    private readonly Fd mountPointDirectory;
    private readonly PlannedPlaces? planned;
    private RootRecord written;
    private KvolMounts? mounts;
    private OwnPlaces? own;

    private RootSession(Context context, IVolumeStore? store, RootDirectory? root, FileIdentity identity, string path)
    {
        (Context, Store, Root, Path) = (context, store, root, path);
        Runs = RunRecords.Open(context.Configuration, context.Upkeep);
        held = Runs.LockRoot(identity, path, context);
        planned = context.Plan is { } plan && root is not null ? new PlannedPlaces(root, plan) : null;
        mountPointDirectory = store is null ? RunDirectory.OpenMountPoints(context.Configuration, context.Upkeep)
            : OpenRecords(store, context.Plan is null);
        MountPoints = new MountPointRecords(mountPointDirectory, identity, path, context.Plan);
        Record = written = Runs.Of(identity, path);
    }

    /// <summary>Waits for the lock of an open root directory.</summary>
    public RootSession(Context context, IVolumeStore? store, RootDirectory root)
        : this(context, store, root, root.Identity, Encoding.UTF8.GetString(root.Path.Bytes))
    {
    }

    public Context Context { get; }

    public IVolumeStore? Store { get; }

    public RunRecords Runs { get; }

    public MountPointRecords MountPoints { get; }

    /// <summary>The open directory; null if it no longer exists.</summary>
    public RootDirectory? Root { get; }

    /// <summary>Its path on the host, or its last known one.</summary>
    public string Path { get; }

    /// <summary>The run record; changes take effect when it is saved.</summary>
    public RootRecord Record { get; set; }

    /// <summary>The mounts below the root directory with kvol's records; all mounts if the directory is missing. The table is read when
    /// first needed, and again after <see cref="Forget"/>.</summary>
    public KvolMounts Mounts => mounts ??= Look(Root is null ? MountTable.Read() : Below(Root));

    /// <summary>The places that kvol itself needs, which no mount may cover.</summary>
    public OwnPlaces Own => own ??= new OwnPlaces(this);

    /// <summary>Waits for the lock of a root directory that is no longer at its recorded path.</summary>
    public static RootSession OfMissing(Context context, IVolumeStore? store, RootRecord record) =>
        new(context, store, null, record.Identity, record.Path);

    /// <summary>The table, read again if it lacks a mount that was seen.</summary>
    public MountTable TableWith(ulong id)
    {
        if (Mounts.Table.Find(id) is null)
        {
            Forget();
        }

        return Mounts.Table;
    }

    /// <summary>Reads the whole table for <see cref="Mounts"/>: a mount on the root directory may hide others, which have a path below it
    /// and are not below what was opened.</summary>
    public void LookEverywhere() => mounts = Look(MountTable.Read());

    /// <summary>What is at a destination now; null if nothing is. In a dry run: what will be there after the steps so far.</summary>
    public MountPlace? PlaceOf(string destination) =>
        planned is not null ? planned.Find(destination) : MountPlace.Of(Root!.Find(destination));

    /// <summary>The same; makes a mount point if nothing is there: a directory, or a file if <paramref name="file"/>.</summary>
    public MountPlace MakePlace(string destination, bool file) => planned is not null ? planned.FindOrMake(destination, file)
        : MountPlace.Of(Root!.FindOrMake(destination, file, MountPoints))!;

    /// <summary>Invalidates the mount table that was read.</summary>
    public void Forget() => mounts = null;

    /// <summary>Looks again at the mounts of the table, after some of them were unmounted.</summary>
    public void Refresh() => mounts = Look(Mounts.Table.Again());

    private MountTable Below(RootDirectory root)
    {
        var below = MountTable.Below(root.Descriptor);
        var isHidden = Record.Mounts.Any(r =>
            below.Find(r.Id) is null && MountTable.Find(r.UniqueId, out var row) && row is not null);
        return isHidden ? MountTable.Read() : below;
    }

    private KvolMounts Look(MountTable table)
    {
        var nested = new NestedRoots(Runs, Record.Identity);
        return Root is null ? new KvolMounts(Store, table, Record.Mounts, movedFrom: Path, plan: Context.Plan)
            : new KvolMounts(Store, table, Record.Mounts, entry => nested.MountsAround(entry.Target), plan: Context.Plan);
    }

    /// <summary>kvol's mounts inside. If the directory is missing: those in its record, wherever they are now.</summary>
    public IEnumerable<KvolMount> MountsInside() => Root is not null
        ? Mounts.Below(Root.Path)
        : Mounts.All.Where(m => m.Record is { } record && !IsOfAnother(m.Entry) && Record.Mounts.Any(r =>
            r.Origin == record.Origin && (r.Id == record.Id || (r.Id == RunRecord.Planned && r.Target == record.Target))));

    // Linux reuses the id of an unmounted mount; the new one may show the same source in another root directory.
    private bool IsOfAnother(MountEntry entry) => Runs.All().Any(other =>
        other.Identity != Record.Identity && other.Mounts.Any(r => r.IsOf(entry)));

    /// <summary>Updates the record from the mount table: sets the ids of planned mounts, and removes mounts that are gone.</summary>
    public void Settle()
    {
        if (Record.Mounts.Count > 0 && mounts is null && LookedUp() is { } there)
        {
            Record = there.Count == Record.Mounts.Count ? Record : Record with { Mounts = there };
        }
        else if (Record.Mounts.Count > 0)
        {
            // The table may have been read before the record was changed: a mount is the same, whatever its record says now.
            var inside = MountsInside().Select(m => m.Record).OfType<RunRecord>().DistinctBy(Key).ToDictionary(Key);
            var planned = Record.Mounts.Any(r => r.Id == RunRecord.Planned);
            var left = Record.Mounts.Where(r => inside.Remove(Key(r))).ToArray();
            left = planned ? [.. left, .. inside.Values] : left;
            Record = left.Length == Record.Mounts.Count && !planned ? Record : Record with { Mounts = left };
        }
    }

    // The recorded mounts that are still there, looked up one by one; null where the kernel cannot do that, or only the table tells.
    private List<RunRecord>? LookedUp()
    {
        var there = new List<RunRecord>(Record.Mounts.Count);
        foreach (var record in Record.Mounts)
        {
            if (Root is null || !MountTable.Find(record.UniqueId, out var row))
            {
                return null;
            }

            if (row is not null && row.Id == record.Id && row.Origin.Is(record.Origin) && row.Target.IsBelow(Root.Path))
            {
                there.Add(record);
            }
        }

        return there;
    }

    private static (ulong Id, string Target) Key(RunRecord record) => (record.Id, record.Target);

    /// <summary>Writes the record if it has changed, and what other hosts must know. With <paramref name="isUndoing"/> a failure of the
    /// latter is a warning: a server that does not answer must not keep a jail from stopping.</summary>
    public void Save(bool isUndoing = false)
    {
        if (!ReferenceEquals(Record, written))
        {
            Runs.Write(Record, written);
            written = Record;
        }

        try
        {
            HostUsage.Settle(this);
        }
        catch (Exception e) when (isUndoing && (e is KvolException or NativeException))
        {
            Context.Warn($"{Path}: the store may still say that this host uses what was unmounted there ({e.Message}); to remove that "
                + "record later: kvol gc");
        }
    }

    private static Fd OpenRecords(IVolumeStore store, bool create)
    {
        try
        {
            return store.OpenRecords(create);
        }
        catch (NativeException e) when (e.Failure is Failure.ReadOnly or Failure.NoSpace)
        {
            return Fd.None; // there is no directory, and none can be made
        }
    }

    public void Dispose()
    {
        mountPointDirectory.Dispose();
        held.Dispose();
        Runs.Dispose();
    }
}
