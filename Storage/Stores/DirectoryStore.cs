using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Copy;
using Kvol.Storage.Mounting;

namespace Kvol.Storage.Stores;

/// <summary>Volumes as directories: <c>volumes/NAME/data</c> is the content, <c>volumes/NAME/volume.json</c> what kvol knows of it.
/// Creating, seeding and removing are one rename(2) each.</summary>
internal sealed partial class DirectoryStore(string root, string id, Fd directory, Fd volumes) : IVolumeStore, IVolumeData
{
    private const string NewPrefix = ".new-", GonePrefix = ".gone-";
    private static readonly ByteString Data = new("data"), Staging = new(".seeding");

    private static ByteString[] Leftovers => [Staging, StateFile.Unfinished(VolumeFile.FileName), NewSnapshot, GoneSnapshot];

    public string Root { get; } = root;

    public string Id { get; } = id;

    public string? KnownCloningStatus => null;

    public string? Exposure => null; // closed when it was opened

    public string CloningStatus() => Copy.CloneProbe.Describe(volumes);

    public IReadOnlyList<Volume> List(Action<KvolException> damaged)
    {
        var list = new List<Volume>();
        var path = Files.PathOf(volumes).ToString();
        var objects = new Lazy<HashSet<MadeObject>>(() => MountPointRecords.AllObjects(this));
        var glance = new DirectoryReader(DirectoryReader.Glance);
        using var listing = Files.Reopen(volumes);
        var reader = new DirectoryReader();
        reader.Start(listing);
        while (reader.MoveNext())
        {
            var text = reader.Name.ToString();
            if (!VolumeName.IsValid(text))
            {
                continue; // what is being made or removed starts with a dot; nothing else is kvol's
            }

            try
            {
                if (Find(VolumeName.Parse(text), path, objects, glance) is { } volume)
                {
                    list.Add(volume);
                }
            }
            catch (KvolException e)
            {
                damaged(e);
            }
        }

        list.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        return list;
    }

    public Volume? Find(VolumeName name) => Find(name, Files.PathOf(volumes).ToString());

    public IDisposable Lock(VolumeName name, Context context)
    {
        using var locks = StoreDirectory.Open(directory, "locks");
        var held = FileLock.Take(locks, name.Text, name.Text, context);
        try
        {
            RemoveVolume(volumes, New(name));
            RemoveVolume(volumes, Gone(name));
            if (Files.Exists(volumes, name.Bytes))
            {
                using var volume = Files.OpenDirectory(volumes, name.Bytes);
                Array.ForEach(Leftovers, l => RemoveIfThere(volume, l));
            }

            return held;
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    public IReadOnlyList<VolumeName> Unfinished() => StoreLeftovers.Find(volumes, [NewPrefix, GonePrefix], Leftovers);

    public void Create(VolumeName name, NewVolume wanted)
    {
        if (wanted.KeyFile is not null)
        {
            throw new KvolException(ExitStatus.Unavailable, "--encrypt", "a directory store does not encrypt; keep the volume in a ZFS store");
        }

        if (wanted.Properties is { Count: > 0 })
        {
            throw new KvolException(ExitStatus.Unavailable, "-o", "a directory store has no datasets, so no properties; leave it out");
        }

        if (Find(name) is not null)
        {
            return;
        }

        var temporary = New(name);
        Files.MakeDirectory(volumes, temporary, 0x1c0);
        using (var volume = Files.OpenDirectory(volumes, temporary))
        {
            Attributes.RemoveInheritedAcl(volume);
            Files.MakeDirectory(volume, Data, 0x1ed);
            using var data = Files.OpenDirectory(volume, Data);
            VolumeTop.SetOwner(data, wanted.Uid ?? 0, wanted.Gid ?? 0, wanted.Mode ?? VolumeTop.DefaultMode);
            if (wanted.Quota is > 0)
            {
                LimitNew(name, data, temporary, wanted.Quota);
            }

            new VolumeFile(name, DateTimeOffset.UtcNow, wanted.Anonymous, wanted.Labels ?? new Dictionary<string, string>(), null).Write(volume);
            Files.Sync(volume);
        }

        Files.Rename(volumes, temporary, volumes, name.Bytes);
        Files.Sync(volumes);
    }

    public void Remove(VolumeName name, bool force)
    {
        if (!force && Snapshots(name) is { Count: > 0 } snapshots)
        {
            throw new KvolException(ExitStatus.Busy, name.Text, $"has {snapshots.Count} snapshot(s), the last {snapshots[^1].Name}; 'rm -f' destroys them with it");
        }

        Files.Rename(volumes, name.Bytes, volumes, Gone(name));
        Files.Sync(volumes);
        RemoveVolume(volumes, Gone(name));
    }

    public Fd OpenContent(VolumeName name)
    {
        using var volume = Files.OpenDirectory(volumes, name.Bytes);
        return Files.OpenReference(volume, Data);
    }

    public bool IsEmpty(VolumeName name)
    {
        using var data = OpenData(name);
        return MountPointRecords.FirstForeignIn(data, this) is null;
    }

    public void TakeOwner(VolumeName name, in FileStatus from, NewVolume wanted)
    {
        using var data = OpenData(name);
        VolumeTop.SetOwner(data, wanted.Uid ?? from.Uid, wanted.Gid ?? from.Gid, wanted.Mode ?? from.Mode);
    }

    public long Used(VolumeName name)
    {
        using var data = OpenData(name);
        return TreeSize.Allocated(data);
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

            var parts = entry.Origin.After(origin).ToString().Split('/', 4);
            return parts.Length >= 3 && parts[2] == "data" && VolumeName.IsValid(parts[1]) ? new ShownVolume(VolumeName.Parse(parts[1]), IsHome: false) : null;
        };
    }

    public ByteString? ContentPath(VolumeName name)
    {
        using var content = OpenContent(name);
        return Files.PathOf(content);
    }

    public Fd OpenRecords(bool create) => StoreDirectory.Open(directory, "mountpoints", create);

    public void Dispose()
    {
        directory.Dispose();
        volumes.Dispose();
    }

    private static ByteString New(VolumeName name) => new(NewPrefix + name.Text);

    private static ByteString Gone(VolumeName name) => new(GonePrefix + name.Text);

    private static void RemoveIfThere(Fd at, ByteString name)
    {
        if (Files.Exists(at, name))
        {
            TreeRemover.Remove(at, name);
        }
    }

    private Fd OpenData(VolumeName name)
    {
        using var volume = Files.OpenDirectory(volumes, name.Bytes);
        return Files.OpenDirectory(volume, Data);
    }

    private Volume? Find(VolumeName name, string path, Lazy<HashSet<MadeObject>>? objects = null, DirectoryReader? glance = null)
    {
        Fd volume;
        try
        {
            volume = Files.OpenDirectory(volumes, name.Bytes);
        }
        catch (NativeException e) when (e.Failure == Failure.NotFound)
        {
            return null;
        }
        catch (NativeException e) when (e.Failure is Failure.NotDirectory or Failure.Loop)
        {
            throw new KvolException(ExitStatus.Damaged, $"{path}/{name}", "not a directory, so not a volume of kvol's; move it away");
        }

        using (volume)
        {
            var file = VolumeFile.Read(volume, name);
            Fd data;
            try
            {
                data = Files.OpenDirectory(volume, Data);
            }
            catch (NativeException e) when (e.Failure is Failure.NotFound or Failure.NotDirectory)
            {
                throw new KvolException(ExitStatus.Damaged, $"{path}/{name}/data", "is missing or not a directory; nothing was changed");
            }

            using (data)
            {
                var state = MountPointRecords.FirstForeignIn(data, this, objects, reader: glance) is not null ? VolumeState.Ready : Files.Exists(volume, Staging) ? VolumeState.Seeding : VolumeState.Empty;
                return new Volume(
                    name.Text, "directory", null, $"{path}/{name}/data", file.Created, file.Anonymous, file.Labels, state, state == VolumeState.Ready ? file.Seed : null, QuotaOf(data));
            }
        }
    }
}
