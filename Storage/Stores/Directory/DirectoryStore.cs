using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Trees;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>Volumes as directories: <c>volumes/NAME/data</c> is the content, <c>volumes/NAME/volume.json</c> what kvol knows of it.
/// Creating, seeding and removing are one rename(2) each.</summary>
internal sealed partial class DirectoryStore(string root, string id, Fd directory, Fd volumes, NetworkMount? network, Upkeep upkeep)
    : IVolumeStore
{
    private const string NewPrefix = ".new-", GonePrefix = ".gone-", RecordsName = "mountpoints";

    private const string DataName = "data";

    /// <summary>The directory that is a volume's content, and the one that will replace it.</summary>
    public static readonly ByteString Data = new(DataName), Staging = new(".seeding"), Committed = new(".seeded");

    private static ByteString[] Leftovers => [Staging, Committed, StateFile.Unfinished(VolumeFile.FileName), NewSnapshot, GoneSnapshot,
        TopFlags.Name, StepFile, Kept];

    private readonly Action<string> warn = upkeep.Warn;

    private VolumeReader? reader;

    public string Root { get; } = root;

    public string Id { get; } = id;

    public string? KnownCloningStatus => null;

    public bool MayClone(bool wanted) => wanted;

    public string? Exposure => null; // closed when it was opened

    public string CloningStatus() => CloneProbe.Describe(volumes);

    public IReadOnlyList<StoreEntry> List(Action<KvolException> damaged) => new VolumeListing(this, volumes).Read(damaged);

    public IReadOnlyList<string> Names(Action<KvolException> damaged) => new VolumeListing(this, volumes).ReadNames(damaged);

    public Volume? Find(VolumeName name) => (reader ??= new VolumeReader(this, volumes)).Find(name);

    public IDisposable Lock(VolumeName name, Context context, bool toRemove)
    {
        // A volume that is being deleted is locked under its other name.
        var held = Shared is { } shared ? LockShared(shared, name, context)
            : FileLock.Take(OpenLocks, name.Text, name.Text, context, () =>
                OpenVolume(name.Bytes) is { IsOpen: true } there ? there : OpenVolume(Gone(name)));
        try
        {
            ClearAway(name, New(name));
            ClearAway(name, Gone(name));
            EndMove(name);
            if (!toRemove)
            {
                Heal(name);
            }

            return held;
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    public IReadOnlyList<VolumeName> Unfinished() =>
    [
        .. StoreLeftovers.Find(volumes, [NewPrefix, GonePrefix, MovingPrefix], Leftovers, volume => VolumeFile.SaysSeeding(volume))
            .Distinct(),
    ];

    public bool Create(VolumeName name, NewVolume wanted)
    {
        RequireSupported(wanted);
        if (Find(name) is not null)
        {
            return false;
        }

        try
        {
            Make(name, wanted);
        }
        catch (Exception e) when (e is NativeException or KvolException)
        {
            Abandon(name);
            throw;
        }

        return true;
    }

    private void Make(VolumeName name, NewVolume wanted)
    {
        var temporary = New(name);
        Files.MakeDirectory(volumes, temporary, Permissions.OwnerOnly);
        using (var volume = Files.OpenDirectory(volumes, temporary))
        {
            Attributes.RemoveInheritedAcl(volume);
            Files.MakeDirectory(volume, Data, Permissions.AllEnter);
            using var data = Files.OpenDirectory(volume, Data);
            VolumeTop.SetOwner(data, wanted.Uid ?? 0, wanted.Gid ?? 0, wanted.Mode ?? VolumeTop.DefaultMode);
            if (wanted.Quota is > 0)
            {
                LimitNew(name, data, temporary, wanted.Quota);
            }

            FileTimes.SetAsMade(data);

            new VolumeFile(name, DateTimeOffset.UtcNow, wanted.Anonymous, wanted.Labels ?? new Dictionary<string, string>(), null)
            {
                Takes = wanted.IsMountedNow ? null : TopPartsText.LeftBy(wanted),
            }.WriteNew(volume, durable: true);
            Files.Sync(volume);
        }

        Files.Rename(volumes, temporary, volumes, name.Bytes);
        Files.Sync(volumes);
    }

    private void Abandon(VolumeName name)
    {
        try
        {
            RemoveIfThere(volumes, New(name), name);
        }
        catch (Exception e) when (e is NativeException or KvolException)
        {
            // the next command that takes the lock of the name removes it, or gc
        }
    }

    public void RequireRemovable(VolumeName name, bool force, bool isKept)
    {
        if (!force && Snapshots(name) is { Count: > 0 } snapshots)
        {
            throw Refusals.HasSnapshots(name, snapshots.Count, snapshots[^1].Name.ToString());
        }
    }

    public void Remove(VolumeName name, bool force)
    {
        RequireRemovable(name, force, isKept: false);
        try
        {
            FreedSpace.Await(() => Files.Rename(volumes, name.Bytes, volumes, Gone(name)));
        }
        catch (NativeException e) when (e.Failure == Failure.NoSpace)
        {
            throw new KvolException(ExitStatus.CannotCreate, name.Text,
                $"cannot be removed: {Root} is full, and ZFS refuses even a rename ({e.Reason}); raise the quota, or delete a file of the "
                + $"volume first: rm {Shown.Quoted($"{Files.PathOf(volumes)}/{name}/data")}/FILE");
        }

        Files.Sync(volumes);
        Discard(name);
    }

    public Fd OpenContent(VolumeName name) => Files.OpenReference(volumes, new ByteString($"{name.Text}/data"));

    public void EndTaking(VolumeName name)
    {
        using var volume = Files.OpenDirectory(volumes, name.Bytes);
        (VolumeFile.Read(volume, name) with { Takes = TopParts.None }).Write(volume);
    }

    public long Used(VolumeName name)
    {
        using var data = OpenTop(name);
        return TreeSize.Allocated(data, name.Text);
    }

    public Func<MountEntry, ShownVolume?> Classifier(MountTable table)
    {
        var origin = table.OriginOf(volumes);
        return entry =>
        {
            if (!entry.Origin.IsBelow(origin))
            {
                return null;
            }

            // NAME/data or NAME/snapshots/SNAPSHOT/data, and what may follow
            var parts = ByteString.Display(entry.Origin.Bytes[(origin.Length + 1)..]).Split('/', 5);
            return !VolumeName.IsValid(parts[0]) ? null
                : parts is [var volume, DataName, ..] ? new ShownVolume(VolumeName.Parse(volume), IsHome: false)
                : parts is [var of, SnapshotsName, var snapshot, DataName, ..] && VolumeName.IsValid(snapshot)
                    ? new ShownVolume(VolumeName.Parse(of), IsHome: false, new SnapshotName(VolumeName.Parse(of), snapshot)) : null;
        };
    }

    public ByteString? ContentPath(VolumeName name)
    {
        try
        {
            using var content = OpenContent(name);
            return Files.PathOf(content);
        }
        catch (NativeException e)
            when (e.Failure is Failure.NotFound or Failure.NotDirectory or Failure.Loop or Failure.WrongType)
        {
            return null; // a damaged volume
        }
    }

    // Root directories of two hosts can have the same device and inode.
    public Fd OpenRecords(bool create) => Shared is { } shared ? shared.Hosts.OpenOwn(RecordsName, create)
        : OwnDirectory.Open(directory, RecordsName, upkeep, create);

    public void Dispose()
    {
        directory.Dispose();
        volumes.Dispose();
    }

    private static ByteString New(VolumeName name) => new(NewPrefix + name.Text);

    private static ByteString Gone(VolumeName name) => new(GonePrefix + name.Text);

    private static void RemoveIfThere(Fd at, ByteString name, VolumeName volume)
    {
        if (Files.Exists(at, name))
        {
            TreeRemover.Remove(at, name, volume.Text);
        }
    }

    public Fd OpenTop(VolumeName name) => Files.OpenDirectory(volumes, new ByteString($"{name.Text}/data"));
}
