using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Trees;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>How a directory store fills and copies a volume's content: it fills a sibling directory, and one rename(2) commits
/// it.</summary>
internal sealed partial class DirectoryStore
{
    public SeedRecord Fill(VolumeName name, FillDirectory fill, bool isMounted, Context context) =>
        isMounted ? FillMounted(name, fill, context) : FillUnmounted(name, fill, context);

    private SeedRecord FillUnmounted(VolumeName name, FillDirectory fill, Context context)
    {
        using var volume = Files.OpenDirectory(volumes, name.Bytes);
        using var data = Files.OpenDirectory(volume, Data);
        var file = VolumeFile.Read(volume, name);
        SeedRecord seed;
        int flags;
        try
        {
            using var staging = StagingDirectory.Make(volume, Staging);
            TakeProject(data, staging);
            (seed, var held) = fill(staging, VolumeTop.ChosenIn(Files.Status(data), file.Takes));
            seed = seed.Without(held.SetIn(staging));
            flags = held.Top;
            TopFlags.Write(volume, flags);
            Files.SyncFileSystem(staging);
            Emptiness.RemoveUntouched(data, () => OpenRecords(create: false));
            context.Interrupt.ThrowIfCancellationRequested();
            Files.Rename(volume, Staging, volume, Data); // the commit; fails if something was written into the volume concurrently
        }
        catch (Exception e)
        {
            TopFlags.Forget(volume); // first: without the staging directory the flags would count as committed
            RemoveIfThere(volume, Staging, name);
            throw e is NativeException { Failure: Failure.NotEmpty or Failure.Exists } ? WrittenInto(name) : e;
        }

        using var committed = Files.OpenDirectory(volume, Data);
        seed = seed.Without(MoveUp.SetTop(committed, flags));
        (file with { Seed = seed, Takes = null }).Write(volume); // and syncs the directory, the commit with it
        if (flags != 0)
        {
            TopFlags.Forget(volume);
        }

        return seed;
    }

    /// <summary>The same for a volume that is mounted, read-only, so that its directory must stay: see <see cref="MoveUp"/>. volume.json
    /// says so from before the commit until everything is in place.</summary>
    private SeedRecord FillMounted(VolumeName name, FillDirectory fill, Context context)
    {
        using var volume = Files.OpenDirectory(volumes, name.Bytes);
        using var data = Files.OpenDirectory(volume, Data);
        if (Attributes.Protects(Attributes.Flags(data)))
        {
            throw Refusals.Protected(name, data);
        }

        var file = VolumeFile.Read(volume, name);
        var isRecorded = false;
        try
        {
            using (var staging = StagingDirectory.Make(volume, Staging))
            {
                TakeProject(data, staging);
                var (seed, _) = MoveUp.Fill(staging, VolumeTop.ChosenIn(Files.Status(data), file.Takes), fill);
                Files.SyncFileSystem(staging);
                Emptiness.RemoveUntouched(data, () => OpenRecords(create: false));
                if (Emptiness.FirstForeign(data, () => OpenRecords(create: false)) is not null)
                {
                    throw WrittenInto(name);
                }

                context.Interrupt.ThrowIfCancellationRequested();
                isRecorded = true;
                (file with { Seeding = seed }).Write(volume);
            }

            Files.Rename(volume, Staging, volume, Committed); // the commit
        }
        catch
        {
            RemoveIfThere(volume, Staging, name);
            if (isRecorded)
            {
                file.Write(volume);
            }

            throw;
        }

        Files.Sync(volume);
        return Complete(name, volume, data);
    }

    /// <summary>Completes or undoes what a crash interrupted in a volume. The caller holds its lock.</summary>
    private void Heal(VolumeName name)
    {
        using var volume = FindVolume(name);
        if (!volume.IsOpen)
        {
            return;
        }

        var leftovers = LeftoversIn(volume);
        if (leftovers.Remove(StepFile))
        {
            HealGroup(name, volume);
            using var again = Files.Reopen(volume);
            leftovers = LeftoversIn(again);
        }

        if (leftovers.Remove(TopFlags.Name))
        {
            HealTop(volume, name);
        }

        foreach (var leftover in leftovers)
        {
            if (leftover.Equals(Committed) && VolumeFile.Read(volume, name).Seeding is not null)
            {
                using var data = OpenTop(name);
                Complete(name, volume, data);
                continue;
            }

            if (leftover.Equals(Staging) && VolumeFile.Read(volume, name) is { Seeding: not null } file)
            {
                (file with { Seeding = null }).Write(volume); // it did not reach its commit
            }

            if (leftover.Equals(Staging))
            {
                ForgetLimit(volume, Staging);
            }

            ClearAway(name, new ByteString($"{name.Text}/{leftover}"));
        }
    }

    /// <summary>Sets the flags of the top directory if a seeding was interrupted before it did. A staging directory means that the seeding
    /// did not reach its commit.</summary>
    private static void HealTop(Fd volume, VolumeName name)
    {
        if (!Files.Exists(volume, Staging))
        {
            using var data = Files.OpenDirectory(volume, Data);
            _ = MoveUp.SetTop(data, TopFlags.Read(volume, name.Text));
        }

        TopFlags.Forget(volume);
    }

    private static List<ByteString> LeftoversIn(Fd volume)
    {
        var found = new List<ByteString>();
        try
        {
            var reader = new DirectoryReader(DirectoryReader.Glance);
            for (reader.Start(volume); reader.MoveNext();)
            {
                var name = reader.Name.Keep();
                if (Leftovers.Contains(name))
                {
                    found.Add(name);
                }
            }
        }
        catch (NativeException e) when (e.Failure is Failure.NotDirectory or Failure.Loop)
        {
            // no volume: whoever looks for one says so
        }

        return found;
    }

    /// <summary>Does what remains after the commit, from whatever point it was interrupted at.</summary>
    private static SeedRecord Complete(VolumeName name, Fd volume, Fd data)
    {
        var file = VolumeFile.Read(volume, name);
        using (var committed = Files.OpenDirectory(volume, Committed))
        {
            var moved = MoveUp.Complete(committed, data, name.Text);
            file = file with
            {
                Seed = file.Seeding!.Without([.. moved.Lost, .. MoveUp.SetTop(data, moved.Flags)]),
                Seeding = null,
                Takes = null
            };
        }

        Files.SyncFileSystem(data);
        file.Write(volume);
        MoveUp.Remove(volume, Committed);
        return file.Seed;
    }

    private static KvolException WrittenInto(VolumeName name) =>
        new(ExitStatus.Busy, name.Text, "was written into while it was being filled; it is left as it is");

    public SeedRecord CreateFilled(VolumeName name, NewVolume wanted, FillDirectory fill, Context context)
    {
        var temporary = New(name);
        try
        {
            Files.MakeDirectory(volumes, temporary, Permissions.OwnerOnly);
            SeedRecord seed;
            using (var volume = Files.OpenDirectory(volumes, temporary))
            {
                Attributes.RemoveInheritedAcl(volume);
                using var data = StagingDirectory.Make(volume, Data);
                (seed, var held) = fill(data, new TopDirectory(wanted.Uid, wanted.Gid, wanted.Mode));
                seed = seed.Without([.. held.SetIn(data), .. MoveUp.SetTop(data, held.Top)]);
                new VolumeFile(name, DateTimeOffset.UtcNow, wanted.Anonymous, wanted.Labels ?? new Dictionary<string, string>(), seed)
                    .WriteNew(volume, durable: false);
                Files.SyncFileSystem(data);
            }

            context.Interrupt.ThrowIfCancellationRequested();
            Files.Rename(volumes, temporary, volumes, name.Bytes); // the commit
            Files.Sync(volumes);
            return seed;
        }
        catch
        {
            RemoveIfThere(volumes, temporary, name);
            throw;
        }
    }

    private void RequireFreePlace(VolumeName to)
    {
        if (Files.Exists(volumes, to.Bytes))
        {
            throw new KvolException(ExitStatus.CannotCreate, to.Text, "the store already holds something of this name; move it away");
        }
    }

    public void Rename(VolumeName name, VolumeName to)
    {
        RequireFreePlace(to);

        Files.Rename(volumes, name.Bytes, volumes, to.Bytes); // the commit
        using var volume = Files.OpenDirectory(volumes, to.Bytes);
        WriteCommitted(VolumeFile.Read(volume, to), volume);
        Files.Sync(volumes);
    }

    public SeedRecord Clone(VolumeName name, SnapshotName? snapshot, VolumeName to, NewVolume wanted, Context context, Action readsLive)
    {
        using var view = OpenView(name, snapshot);
        if (!view.IsInstant)
        {
            readsLive();
        }

        var report = new CopyReport("cloning");
        using (context.Watch(report))
        {
            return CreateFilled(
                to,
                wanted,
                (data, chosen) =>
                {
                    var held = TreeCopier.Copy(view.Directory, data, CopyOptions.Of(context, crossMounts: false), report, chosen);
                    return (SeedRecord.Of(snapshot?.ToString() ?? name.Text, report), held);
                },
                context);
        }
    }

    public void Promote(VolumeName name)
    {
        // a copy of its own
    }

    public VolumeView OpenView(VolumeName name, SnapshotName? snapshot) =>
        snapshot is null ? new(OpenTop(name), IsInstant: false, () => { }) : new(OpenSnapshot(snapshot), IsInstant: true, () => { });
}
