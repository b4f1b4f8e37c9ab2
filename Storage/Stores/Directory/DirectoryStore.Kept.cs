using System;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>What a rollback replaces is kept as a deleted volume: the old content, and the snapshots that were newer. It is prepared in
/// <c>volumes/NAME/.kept</c> and moved to <c>deleted/ID</c> when the rollback was committed. It comes back by the same steps: what is
/// there now is kept in exchange.</summary>
internal sealed partial class DirectoryStore
{
    private static readonly ByteString Kept = new(".kept");

    /// <summary>Makes what the old content of a volume will be moved into.</summary>
    private DeletedVolume PrepareKept(Fd volume, VolumeName name, DeletionRecord deletion)
    {
        OwnDirectory.Open(directory, DeletedName, upkeep).Dispose();
        Files.MakeDirectory(volume, Kept, Permissions.OwnerOnly);
        using var kept = Files.OpenDirectory(volume, Kept);
        Attributes.RemoveInheritedAcl(kept);
        OwnDirectory.Open(kept, SnapshotsName, upkeep).Dispose();
        var file = VolumeFile.Read(volume, name) with { Deletion = deletion };
        file.WriteNew(kept, durable: false);
        return new DeletedVolume(RandomHex.Of(12), name, deletion, file.Created);
    }

    /// <summary>Moves away what a committed step replaces, so far as that was not done yet.</summary>
    private void KeepReplaced(Fd volume, Fd snapshots, GroupStep step)
    {
        if (step.Keeps is null || !Files.Exists(volume, Kept))
        {
            return;
        }

        using var kept = Files.OpenDirectory(volume, Kept);
        using (var old = OwnDirectory.Open(kept, SnapshotsName, upkeep))
        {
            foreach (var removed in step.Removes.Select(r => new ByteString(r)).Where(r => Files.Exists(snapshots, r)))
            {
                Files.Rename(snapshots, removed, old, removed);
            }

            Files.Sync(old);
        }

        if (InodeOf(volume, Data) == step.Top && Files.Exists(volume, Staging))
        {
            Files.Rename(volume, Staging, kept, Data);
        }

        Files.Sync(kept);
        using var deleted = OwnDirectory.Open(directory, DeletedName, upkeep);
        Files.Rename(volume, Kept, deleted, new ByteString(step.Keeps));
        Files.Sync(deleted);
        Files.Sync(volume);
    }

    public DeletedVolume Return(DeletedVolume deleted, DeletionRecord keep, Context context)
    {
        using var from = OwnDirectory.Open(directory, DeletedName, upkeep);
        using var old = Files.OpenDirectory(from, new ByteString(deleted.Id));
        using var content = Files.OpenDirectory(old, Data);
        RequireReturnable(deleted, old, content, SetQuota);
        DeletedVolume? kept = null;
        Apply([deleted.Name], n => n, (volume, name) =>
        {
            kept = PrepareKept(volume, name, keep);
            return new GroupStep { Top = Files.Status(content).Identity.Inode, Keeps = kept.Id, Returns = deleted.Id };
        }, context, isRecorded: true);
        return kept!;
    }

    /// <summary>Throws an error if what a volume held before cannot come back. <paramref name="limit"/> is called with its content if the
    /// limit of the present content is to hold for it.</summary>
    private void RequireReturnable(DeletedVolume deleted, Fd old, Fd content, Action<VolumeName, Fd, ulong?> limit)
    {
        using (var data = OpenTop(deleted.Name))
        {
            if (Attributes.Protects(Attributes.Flags(data)) || Attributes.Protects(Attributes.Flags(content)))
            {
                throw Refusals.Protected(deleted.Name, Attributes.Protects(Attributes.Flags(data)) ? data : content);
            }

            if (QuotaOf(data) is var quota && (quota is not null || ProjectQuota.IsEnforced(content)))
            {
                limit(deleted.Name, content, quota);
            }
        }

        using var snapshots = OpenSnapshots(deleted.Name, create: true);
        using var back = OwnDirectory.Open(old, SnapshotsName, upkeep);
        if (Entries(back).Find(s => Files.Exists(snapshots, s)) is { Length: > 0 } taken)
        {
            throw Refusals.Taken($"{deleted.Name}@{taken}", "it was taken after the rollback; remove that snapshot first");
        }
    }

    /// <summary>The deleted volume that a committed step brings back, or what is left of it; its content is moved to where it is exchanged
    /// with the present one.</summary>
    private Fd FindReturned(Fd volume, GroupStep step)
    {
        if (step.Returns is null)
        {
            return Fd.None;
        }

        using var deleted = OwnDirectory.Open(directory, DeletedName, upkeep);
        var id = new ByteString(step.Returns);
        if (!Files.Exists(deleted, id))
        {
            return Fd.None;
        }

        var returned = Files.OpenDirectory(deleted, id);
        if (InodeOf(returned, Data) == step.Top && !Files.Exists(volume, Staging))
        {
            Files.Rename(returned, Data, volume, Staging);
            Files.Sync(volume);
        }

        return returned;
    }

    private void TakeSnapshots(Fd returned, Fd snapshots)
    {
        using var back = returned.IsOpen ? OwnDirectory.Open(returned, SnapshotsName, upkeep) : Fd.None;
        foreach (var snapshot in back.IsOpen ? Entries(back).Where(s => !Files.Exists(snapshots, s)) : [])
        {
            Files.Rename(back, snapshot, snapshots, snapshot);
        }
    }

    /// <summary>Deletes what is left of a deleted volume whose content is back. It is no deleted volume from the first step on: after a
    /// crash, nobody must find a part of one under its id.</summary>
    private void ForgetReturned(string id, VolumeName name)
    {
        using var deleted = OwnDirectory.Open(directory, DeletedName, upkeep);
        if (Files.Exists(deleted, new ByteString(id)))
        {
            ClearAway(name, Gone(name));
            Files.Rename(deleted, new ByteString(id), volumes, Gone(name));
            Files.Sync(deleted);
            ClearAway(name, Gone(name));
        }
    }
}
