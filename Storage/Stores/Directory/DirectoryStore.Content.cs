using System;
using System.Collections.Generic;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Trees;
using Kvol.Storage.Values;
using Kvol.Storage.Verbs;

namespace Kvol.Storage.Stores;

/// <summary>How content gets into a volume of a directory store, and out of it: what is being filled is a sibling, and one rename(2) is the commit.</summary>
internal sealed partial class DirectoryStore
{
    public SeedRecord Seed(VolumeName name, Fd source, string sourceText, bool crossMounts, Context context, CopyReport report) => Fill(
        name,
        (staging, chosen) =>
        {
            var flags = TreeCopier.Copy(source, staging, context.CopyOptions(crossMounts), report, chosen);
            return (SeedRecord.Of(sourceText, report), flags);
        },
        context);

    public SeedRecord Fill(VolumeName name, FillDirectory fill, Context context)
    {
        using var volume = Files.OpenDirectory(volumes, name.Bytes);
        using var data = Files.OpenDirectory(volume, Data);
        var chosen = VolumeTop.ChosenIn(Files.Status(data));
        SeedRecord seed;
        int flags;
        try
        {
            using var staging = StagingDirectory.Make(volume, Staging);
            TakeProject(data, staging);
            (seed, flags) = fill(staging, chosen);
            Files.SyncFileSystem(staging);
            Emptiness.RemoveUntouched(data, () => OpenRecords(create: false));
            context.Interrupt.ThrowIfCancellationRequested();
            Files.Rename(volume, Staging, volume, Data); // the commit; fails when something was written into the volume meanwhile
        }
        catch (Exception e)
        {
            RemoveIfThere(volume, Staging, name);
            throw e is NativeException { Failure: Failure.NotEmpty or Failure.Exists } ? new KvolException(
                ExitStatus.Busy, name.Text, "was written into while it was being filled; it is left as it is") : e;
        }

        using var committed = Files.OpenDirectory(volume, Data);
        if (flags != 0)
        {
            Attributes.AddFlags(committed, flags);
        }

        (VolumeFile.Read(volume, name) with { Seed = seed }).Write(volume); // and syncs the directory, the commit with it
        return seed;
    }

    public SeedRecord CreateFilled(VolumeName name, NewVolume wanted, FillDirectory fill, Context context)
    {
        var temporary = New(name);
        try
        {
            Files.MakeDirectory(volumes, temporary, 0x1c0);
            SeedRecord seed;
            using (var volume = Files.OpenDirectory(volumes, temporary))
            {
                Attributes.RemoveInheritedAcl(volume);
                using var data = StagingDirectory.Make(volume, Data);
                (seed, var flags) = fill(data, new TopDirectory(wanted.Uid, wanted.Gid, wanted.Mode));
                new VolumeFile(name, DateTimeOffset.UtcNow, wanted.Anonymous, wanted.Labels ?? new Dictionary<string, string>(), seed).WriteNew(volume, durable: false);
                if (flags != 0)
                {
                    Attributes.AddFlags(data, flags);
                }

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

    public void Rename(VolumeName name, VolumeName to)
    {
        if (Files.Exists(volumes, to.Bytes))
        {
            throw new KvolException(ExitStatus.CannotCreate, to.Text, "something of this name lies in the store; move it away");
        }

        Files.Rename(volumes, name.Bytes, volumes, to.Bytes); // the commit; the name inside is for people
        using var volume = Files.OpenDirectory(volumes, to.Bytes);
        VolumeFile.Read(volume, to).Write(volume);
        Files.Sync(volumes);
    }

    public SeedRecord Clone(VolumeName name, SnapshotName? snapshot, VolumeName to, NewVolume wanted, Context context)
    {
        using var view = OpenView(name, snapshot);
        if (!view.IsInstant)
        {
            Guards.WarnOfWriters(context, this, name, "clone");
        }

        var report = new CopyReport("cloning");
        using (context.Watch(report))
        {
            return CreateFilled(
                to,
                wanted,
                (data, chosen) =>
                {
                    var flags = TreeCopier.Copy(view.Directory, data, context.CopyOptions(crossMounts: false), report, chosen);
                    return (SeedRecord.Of(snapshot?.ToString() ?? name.Text, report), flags);
                },
                context);
        }
    }

    public void Promote(VolumeName name)
    {
        // a copy of its own
    }

    public VolumeView OpenView(VolumeName name, SnapshotName? snapshot) =>
        snapshot is null ? new(OpenData(name), IsInstant: false, () => { }) : new(OpenSnapshot(snapshot), IsInstant: true, () => { });
}
