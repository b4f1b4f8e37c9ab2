using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Storage.Mounts;

/// <summary>The mount points that kvol made in one root directory. The record outlives the boot, so that unmounting can remove them: a
/// directory by rmdir(2), a file only while it is empty and has one name, and both only if they are still the objects that kvol made. kvol
/// records a mount point before it makes it, so that a kill in between leaves nothing for ever.</summary>
internal sealed class MountPointRecords
{
    // The kernel takes file times from a clock that is up to a tick behind. The path did not exist when it was planned.
    private const int ClockSlack = 1;

    private readonly Fd records;
    private readonly FileIdentity root;
    private readonly string path;
    private readonly List<MadeMountPoint> made;
    private readonly List<PlannedMountPoint> planned;
    private readonly Plan? plan;

    /// <summary>Reads the records of a root directory, which is at <paramref name="path"/> now. <paramref name="plan"/> is that of a dry
    /// run, or null.</summary>
    public MountPointRecords(Fd records, FileIdentity root, string path, Plan? plan)
    {
        (this.records, this.root, this.path, this.plan) = (records, root, path, plan);
        var list = MountPointRegistry.Read(records, root);
        (made, planned) = ([.. list.Made], [.. list.Planned]);
    }

    private enum Outcome
    {
        Kept, Forgotten, Removed,
    }

    /// <summary>The number of records.</summary>
    public int Count => made.Count + planned.Count;

    /// <summary>Whether a command was killed while it made mount points.</summary>
    public bool HasPlanned => planned.Count > 0;

    /// <summary>Records the paths that are about to be made. This record need not survive a power failure, because what is made need not
    /// either; but earlier records must survive it.</summary>
    public void Plan(IEnumerable<string> paths)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds() - ClockSlack;
        planned.AddRange(paths.Select(p => new PlannedMountPoint(p, new FileTime(now, 0))));
        Write(durable: made.Count > 0);
    }

    /// <summary>Adds one that was made; <see cref="Commit"/> writes it.</summary>
    public void Add(MadeMountPoint mountPoint)
    {
        made.Add(mountPoint);
        planned.RemoveAll(p => p.Path == mountPoint.Path);
    }

    /// <summary>Writes the mount points that were made, and removes these paths from the planned ones.</summary>
    public void Commit(IReadOnlySet<string> paths)
    {
        planned.RemoveAll(p => paths.Contains(p.Path));
        Write(durable: true);
    }

    /// <summary>Removes those that are no longer needed, children first. Those that are busy, hold something or cannot be seen now stay
    /// recorded. Returns the errors (75) of those that should have been removed but could not be.</summary>
    public IReadOnlyList<KvolException> RemoveUnused(RootDirectory inside)
    {
        if (Count == 0)
        {
            return [];
        }

        if (plan is not null)
        {
            PlannedRemovals.Announce(plan, inside, made, planned);
            return [];
        }

        var before = (made.Count, planned.Count);
        var errors = new List<KvolException>();
        Recognize(inside);
        foreach (var mountPoint in made.OrderByDescending(m => m.Path.AsSpan().Count('/')).ToArray())
        {
            if (Look(inside, mountPoint, remove: true, errors) != Outcome.Kept)
            {
                made.Remove(mountPoint);
            }
        }

        if ((made.Count, planned.Count) == before)
        {
            return errors;
        }

        try
        {
            Write(durable: true);
        }
        catch (NativeException e) when (e.Failure is Failure.NoSpace or Failure.ReadOnly or Failure.Broken or Failure.Other)
        {
            // If the disk is full, a record of something removed does no harm. It must not keep a jail from stopping, nor hide the error
            // that is being undone.
        }

        return errors;
    }

    /// <summary>The number of mount points that are no longer needed.</summary>
    public int CountUnused(RootDirectory inside) => made.Count(m => Look(inside, m, remove: false, []) != Outcome.Kept) + planned.Count;

    // What a killed command made: an entry owned by root that did not exist before.
    private void Recognize(RootDirectory inside)
    {
        foreach (var plan in planned.ToArray())
        {
            try
            {
                using var parent = inside.OpenParent(plan.Path, out var name);
                var status = Files.Status(parent, name);
                var birth = status.BirthTime.Seconds != 0 ? status.BirthTime : status.ModifyTime;
                // A planned parent directory holds the mount point that was made in it; rmdir(2) removes it once it is empty.
                var isUnused = status.IsDirectory || Emptiness.IsUntouched(parent, name);
                if (status.Uid == 0 && !status.IsMountRoot && birth.Seconds >= plan.Since.Seconds && isUnused)
                {
                    made.Add(Of(inside, plan.Path, parent, status));
                }

                if (!status.IsMountRoot)
                {
                    planned.Remove(plan);
                }
            }
            catch (NativeException e) when (e.Failure is Failure.NotFound or Failure.NotDirectory)
            {
                if (!IsCovered(inside, plan.Path))
                {
                    planned.Remove(plan);
                }
            }
            catch (NativeException e) when (!e.IsWrongQuestion)
            {
                // it cannot be examined now: a later command tries again
            }
        }
    }

    /// <summary>A mount point that was just made, or found, in the open <paramref name="parent"/>.</summary>
    public static MadeMountPoint Of(RootDirectory inside, string path, Fd parent, in FileStatus status)
    {
        var above = Files.Status(parent);
        return new MadeMountPoint(path, MadeObject.Of(status), above.Identity, above.MountId == inside.MountId);
    }

    /// <summary>The result for one mount point: it is still needed or cannot be seen now; it is gone or was replaced; or it was (or could
    /// be) removed.</summary>
    private static Outcome Look(RootDirectory inside, MadeMountPoint mountPoint, bool remove, List<KvolException> errors)
    {
        try
        {
            using var parent = inside.OpenParent(mountPoint.Path, out var name);
            var above = Files.Status(parent);
            var isHome = above.Identity == mountPoint.Parent;
            FileStatus status;
            try
            {
                status = Files.Status(parent, name);
            }
            catch (NativeException e) when (e.Failure == Failure.NotFound)
            {
                return isHome || IsVisible() ? Outcome.Forgotten : Outcome.Kept;
            }

            if (status.IsMountRoot)
            {
                return Outcome.Kept; // something is mounted on it
            }

            if (MadeObject.Of(status) != mountPoint.Object)
            {
                return isHome || IsVisible() ? Outcome.Forgotten : Outcome.Kept;
            }

            if (!Emptiness.IsUntouched(parent, name))
            {
                return Outcome.Kept;
            }

            return !remove || Remove(parent, name) ? Outcome.Removed : Outcome.Kept;

            // Another mount hides it: what kvol made is below that mount, or in a volume that is not mounted.
            bool IsVisible() => mountPoint.IsInRoot && above.MountId == inside.MountId;
        }
        catch (NativeException e) when (e.Failure is Failure.NotFound or Failure.NotDirectory)
        {
            return mountPoint.IsInRoot && !IsCovered(inside, mountPoint.Path) ? Outcome.Forgotten : Outcome.Kept;
        }
        catch (NativeException e)
        {
            errors.Add(Failed(inside, mountPoint.Path, e));
            return Outcome.Kept;
        }

        bool Remove(Fd parent, ByteString name)
        {
            try
            {
                Emptiness.RemoveUntouched(parent, name);
                return true;
            }
            catch (NativeException e) when (e.Failure == Failure.NotFound)
            {
                return true;
            }
            catch (NativeException e)
            {
                if (e.Failure != Failure.NotEmpty)
                {
                    errors.Add(Failed(inside, mountPoint.Path, e));
                }

                return false;
            }
        }
    }

    private static KvolException Failed(RootDirectory inside, string path, NativeException e) => new(
        ExitStatus.Busy, inside.Path.Plus(new ByteString(path)).ToString(),
        $"the mount point cannot be removed: {e.Reason}; repeat the command, or: kvol umount {Shown.Quoted(inside.Path.Text)}");

    /// <summary>Whether a path, as far as it exists, leads through a mount inside the root directory.</summary>
    private static bool IsCovered(RootDirectory inside, string path)
    {
        for (var slash = path.LastIndexOf('/'); slash > 0; slash = path.LastIndexOf('/', slash - 1))
        {
            try
            {
                using var above = RootedPath.Open(inside.Descriptor, new ByteString(path[..slash]));
                return Files.Status(above).MountId != inside.MountId;
            }
            catch (NativeException e) when (e.Failure is Failure.NotFound or Failure.NotDirectory)
            {
            }
            catch (NativeException e) when (!e.IsWrongQuestion)
            {
                return true; // unknown, so the record is kept
            }
        }

        return false;
    }

    private void Write(bool durable) => MountPointRegistry.Write(records, root, new MountPointList(path, made, planned), durable);
}
