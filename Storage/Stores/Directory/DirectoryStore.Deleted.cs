using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Trees;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>Volumes that are kept after their deletion: <c>deleted/ID</c>, moved there and back by rename(2). Their volume.json contains
/// their names and times.</summary>
internal sealed partial class DirectoryStore
{
    private const string DeletedName = "deleted";

    public DeletedVolume Keep(VolumeName name, DeletionRecord deletion)
    {
        Heal(name); // what was committed must be done while the store still knows that
        var id = RandomHex.Of(12);
        using var deleted = OwnDirectory.Open(directory, DeletedName, upkeep, create: true);
        using (var volume = Files.OpenDirectory(volumes, name.Bytes))
        {
            (VolumeFile.Read(volume, name) with { Deletion = deletion }).Write(volume); // says nothing of a volume that is still there
        }

        Files.Rename(volumes, name.Bytes, deleted, new ByteString(id)); // the commit
        Files.Sync(deleted);
        Files.Sync(volumes);
        return new DeletedVolume(id, name, deletion);
    }

    public long Used(DeletedVolume deleted)
    {
        using var from = OwnDirectory.Open(directory, DeletedName, upkeep, create: false);
        using var volume = Files.OpenDirectory(from, new ByteString(deleted.Id));
        return TreeSize.Allocated(volume, deleted.Name.Text);
    }

    public IReadOnlyList<DeletedVolume> Deleted(Action<string, KvolException> damaged)
    {
        var list = new List<DeletedVolume>();
        using var deleted = OwnDirectory.Open(directory, DeletedName, upkeep, create: false);
        if (!deleted.IsOpen)
        {
            return list;
        }

        using var listing = Files.Reopen(deleted);
        var reader = new DirectoryReader();
        reader.Start(listing);
        while (reader.MoveNext())
        {
            try
            {
                using var volume = Files.OpenDirectory(deleted, reader.Name);
                var file = VolumeFile.Read(volume, null);
                var deletion = file.Deletion
                    ?? throw StateFile.Damaged(volume, new ByteString(VolumeFile.FileName), "'deletion' is missing");
                list.Add(new DeletedVolume(reader.Name.ToString(), file.Name, deletion, file.Created));
            }
            catch (KvolException e)
            {
                damaged(reader.Name.ToString(), e);
            }
            catch (NativeException e) when (e.Failure is Failure.NotFound or Failure.NotDirectory)
            {
                // another command removed it, or it is not kvol's
            }
        }

        return [.. list.OrderBy(d => d.Deletion.At)];
    }

    public void Undelete(DeletedVolume deleted)
    {
        using var from = OwnDirectory.Open(directory, DeletedName, upkeep, create: true);
        Files.Rename(from, new ByteString(deleted.Id), volumes, deleted.Name.Bytes); // the commit
        Files.Sync(volumes);
        Files.Sync(from);
        using var volume = Files.OpenDirectory(volumes, deleted.Name.Bytes);
        try
        {
            WriteCommitted(VolumeFile.Read(volume, deleted.Name) with { Deletion = null }, volume);
        }
        catch (KvolException e) when (e.Status == ExitStatus.Damaged)
        {
            warn(e.With(VolumeReader.WayOut(deleted.Name)).Message);
        }
    }

    // The file repeats, for people, what the path of its directory says already: a failure to write it does not fail the verb.
    private void WriteCommitted(VolumeFile file, Fd volume)
    {
        try
        {
            file.Write(volume);
        }
        catch (NativeException e)
        {
            warn($"{file.Name}: it is done, but {Files.PathOf(volume)}/volume.json still says what was before: {e.Reason}");
        }
    }

    public bool Purge(DeletedVolume deleted)
    {
        using var from = OwnDirectory.Open(directory, DeletedName, upkeep, create: true);
        var id = new ByteString(deleted.Id);
        using (var volume = Files.OpenDirectory(from, id))
        {
            if (IsMounted(volume))
            {
                return false;
            }
        }

        Files.Rename(from, id, volumes, Gone(deleted.Name)); // the commit; what a crash leaves of it the name's lock clears
        Files.Sync(from);
        Files.Sync(volumes);
        Discard(deleted.Name);
        return true;
    }

    private static bool IsMounted(Fd volume)
    {
        var path = Files.PathOf(volume);
        var table = MountTable.Read();
        var origin = table.OriginOf(volume);
        return table.Entries.Any(e => e.Origin.IsAtOrBelow(origin) || e.Target.IsAtOrBelow(path))
            || ProcessTable.OtherMountTables().Any(t => t.Table.Entries.Any(e => e.Origin.IsAtOrBelow(origin)));
    }
}
