using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>Moves directories of the host into the store and out of it. In between, the volume is <c>.moving-NAME</c>, which no command
/// lists. If that holds <c>data</c>, the volume is whole, and the next command that takes its lock gives it its name; otherwise nothing of
/// the volume is in the store. The two directions differ only in which of these is the success.</summary>
internal sealed partial class DirectoryStore : IAdoption
{
    private const string MovingPrefix = ".moving-", SourceFile = "source.json";

    public IAdoption Adoption => this;

    public bool TryAdopt(VolumeName name, HostTree tree, NewVolume wanted, Action requireUnheld)
    {
        if (!IsMovable(name, tree, requireUnheld))
        {
            return false;
        }

        var moving = Moving(name);
        try
        {
            Files.MakeDirectory(volumes, moving, Permissions.OwnerOnly);
            using var volume = Files.OpenDirectory(volumes, moving);
            Attributes.RemoveInheritedAcl(volume);
            new VolumeFile(name, DateTimeOffset.UtcNow, wanted.Anonymous, wanted.Labels ?? new Dictionary<string, string>(), null)
                .WriteNew(volume, durable: true);
            WriteSource(volume, tree);
            Files.Sync(volume);
            Files.Sync(volumes);
            Files.Rename(tree.Place.Parent, tree.Place.Name, volume, Data);
            try
            {
                RequireMoved(volume, tree);
            }
            catch
            {
                MoveBack(name, volume, tree.Place);
                throw;
            }

            if (!Exchange.KeepsDirectoryTimes)
            {
                Files.SetTimes(tree.Directory, CName.Empty, tree.Status);
            }

            Files.Sync(tree.Place.Parent);
            Files.Sync(volume);
        }
        catch (Exception e)
        {
            if (!Files.Exists(volumes, new ByteString($"{moving}/{Data}")))
            {
                RemoveIfThere(volumes, moving, name);
            }

            if (e is NativeException { Call: "renameat", Failure: Failure.CrossDevice })
            {
                return false;
            }

            throw e is not NativeException { Call: "renameat" } failed ? e : failed.Failure switch
            {
                Failure.NotFound => new KvolException(ExitStatus.NoInput, tree.Place.Path, "was moved or removed by another program"),
                Failure.NotPermitted => new KvolException(ExitStatus.Busy, tree.Place.Path,
                    "a flag of it, or of the directory that it is in, forbids to move it; take it away (chattr -ia, chflags 0)"),
                _ => e,
            };
        }

        EndMove(name); // the commit
        return true;
    }

    public (string? Place, string? Mountpoint) Adopt(VolumeName name, DatasetName dataset, NewVolume wanted) =>
        throw NotForDataset(dataset, Root);

    /// <summary>The error (64) of a dataset that a directory store cannot take.</summary>
    public static KvolException NotForDataset(DatasetName dataset, string root) => new(ExitStatus.Usage, dataset.Text,
        $"a word without a leading / or ./ is a dataset, and the store {root} is a directory; name a directory, or with --root a store in "
        + $"the pool {dataset.Pool}");

    public bool TryPlanAdoption(Plan plan, VolumeName name, HostTree tree, NewVolume wanted, Action requireUnheld)
    {
        if (!IsMovable(name, tree, requireUnheld))
        {
            return false;
        }

        NewDirectoryStore.Adopt(plan, ContentOf(name), tree);
        return true;
    }

    public (string? Place, string? Mountpoint) PlanAdoption(Plan plan, VolumeName name, DatasetName dataset, NewVolume wanted) =>
        throw NotForDataset(dataset, Root);

    public void PlanRelease(Plan plan, VolumeName name, HostPlace to)
    {
        RequireReleasable(name, to);
        plan.Do("mv", ContentOf(name), to.Path);
        plan.Do("rm", "-rf", PathOf(name));
    }

    public string? PlanRelease(Plan plan, VolumeName name, DatasetName to, string? mountpoint) => Release(name, to, mountpoint);

    public void Release(VolumeName name, HostPlace to)
    {
        RequireReleasable(name, to);
        var moving = Moving(name);
        using var volume = Files.OpenDirectory(volumes, name.Bytes);
        Files.Rename(volumes, name.Bytes, volumes, moving);
        try
        {
            NewName.MoveDirectory(volume, Data, to.Parent, to.Name); // the commit
        }
        catch (NativeException e)
        {
            Files.Rename(volumes, moving, volumes, name.Bytes);
            throw e.Failure switch
            {
                Failure.Exists or Failure.NotEmpty or Failure.NotDirectory => Refusals.Taken(to.Path, "name a path that does not exist"),
                Failure.CrossDevice => OtherFileSystem(name, to),
                Failure.NotPermitted when OpenTop(name) is var data => Protected(name, data),
                _ => e,
            };
        }

        Files.Sync(to.Parent);
        Files.Sync(volume);
        RemoveIfThere(volumes, moving, name);
        Files.Sync(volumes);

        static KvolException Protected(VolumeName name, Fd data)
        {
            using (data)
            {
                return Refusals.Protected(name, data);
            }
        }
    }

    public string? Release(VolumeName name, DatasetName to, string? mountpoint) =>
        throw new KvolException(ExitStatus.Usage, to.Text,
            $"a word without a leading / or ./ is a dataset, and {name} is a directory; name the directory that it becomes");

    private static ByteString Moving(VolumeName name) => new(MovingPrefix + name.Text);

    private bool IsMovable(VolumeName name, HostTree tree, Action requireUnheld)
    {
        if (tree.Status.MountId != Files.Status(volumes).MountId)
        {
            return false;
        }

        RequireFreePlace(name);
        requireUnheld();
        return true;
    }

    private void RequireReleasable(VolumeName name, HostPlace to)
    {
        if (Snapshots(name) is { Count: > 0 } snapshots)
        {
            throw new KvolException(ExitStatus.Busy, name.Text,
                $"has {Plural.Of(snapshots.Count, "snapshot")}, the newest {snapshots[^1].Name}, which only the store can keep; "
                + $"remove them first: kvol rm {snapshots[^1].Name}");
        }

        using var data = OpenTop(name);
        if (QuotaOf(data) is not null)
        {
            throw new KvolException(ExitStatus.Busy, name.Text,
                $"has a quota, which would still limit it outside; remove that first: kvol set {name} quota=none");
        }

        if (Files.Status(to.Parent).MountId != Files.Status(volumes).MountId)
        {
            throw OtherFileSystem(name, to);
        }

        if (Files.Exists(to.Parent, to.Name))
        {
            throw Refusals.Taken(to.Path, "name a path that does not exist");
        }
    }

    private KvolException OtherFileSystem(VolumeName name, HostPlace to) => new(ExitStatus.Usage, to.Path,
        $"is not on the file system of the store, so {name} would have to be copied: "
        + $"{CopyCommand.Text(name.Text, Shown.Quoted(ContentOf(name)), Shown.Quoted(to.Path))}; if that succeeds: kvol rm {name}");

    // Until it was moved, others could exchange the directory, and mount something in it.
    private static void RequireMoved(Fd volume, HostTree tree)
    {
        var (former, now) = (new ByteString(tree.Place.Path), Files.PathOf(tree.Directory));
        if (MountTable.Read().Entries.FirstOrDefault(e => e.Target.IsBelow(former) || e.Target.IsBelow(now)) is { } mount)
        {
            throw new KvolException(ExitStatus.Busy, tree.Place.Path,
                $"another program mounted something in it, on {mount.Target}; nothing was done; unmount it and try again");
        }

        if (Files.Status(volume, Data).Identity != tree.Status.Identity)
        {
            throw new KvolException(ExitStatus.Busy, tree.Place.Path, "was replaced by another program; nothing was done");
        }
    }

    private static void MoveBack(VolumeName name, Fd volume, HostPlace place)
    {
        try
        {
            NewName.MoveDirectory(volume, Data, place.Parent, place.Name);
            Files.Sync(place.Parent);
        }
        catch (NativeException e)
        {
            throw new KvolException(ExitStatus.Busy, place.Path,
                $"could not be moved back ({e.Reason}); it lies in {Files.PathOf(volume)}/{Data}, and becomes the volume {name} at the "
                + "next 'kvol gc' if it is what it should be");
        }
    }

    /// <summary>Ends what moved a directory into the store or out of it. The caller holds the lock of the name.</summary>
    private void EndMove(VolumeName name)
    {
        var moving = Moving(name);
        if (!Files.Exists(volumes, moving))
        {
            return;
        }

        if (!Files.Exists(volumes, new ByteString($"{moving}/{Data}")))
        {
            ClearAway(name, moving);
            return;
        }

        RequireFreePlace(name);
        using (var volume = Files.OpenDirectory(volumes, moving))
        {
            if (StateFile.ReadChecked(volume, SourceFile, ReadSource) is { } source && source.Inode != InodeOf(volume, Data))
            {
                throw new KvolException(ExitStatus.Busy, name.Text,
                    $"a crash left {Files.PathOf(volume)}/{Data}, which was taken in place of {source.Path}; move it back to where it "
                    + "belongs");
            }

            StateFile.Remove(volume, SourceFile);
            Files.Sync(volume);
        }

        Files.Rename(volumes, moving, volumes, name.Bytes);
        Files.Sync(volumes);
    }

    // After a crash tells whether the right directory was moved.
    private static void WriteSource(Fd volume, HostTree tree) => StateFile.WriteNew(volume, new ByteString(SourceFile), json =>
    {
        json.WriteStartObject();
        json.WriteString("path", tree.Place.Path);
        json.WriteNumber("inode", tree.Status.Identity.Inode);
        json.WriteEndObject();
    });

    private static MovedDirectory ReadSource(JsonElement json) =>
        new(json.GetProperty("path").Text(), json.GetProperty("inode").GetUInt64());

    private sealed record MovedDirectory(string Path, ulong Inode);
}
