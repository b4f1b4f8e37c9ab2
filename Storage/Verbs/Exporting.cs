using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Archives;
using Kvol.Storage.Base;
using Kvol.Storage.Stores;
using Kvol.Storage.Trees;
using Kvol.Storage.Values;

namespace Kvol.Storage.Verbs;

/// <summary>What was exported.</summary>
/// <param name="Written">Bytes of the archive.</param>
/// <param name="IsUnchanged">Whether nothing changed while it was read.</param>
/// <param name="NotKept">What the archive does not have, a line each.</param>
/// <param name="LeftOut">What lies in datasets of their own inside the volume, a line each.</param>
internal sealed record ExportResult(
    VolumeName Volume, SnapshotName? Snapshot, string? File, long Files, long Bytes, long Written, bool IsUnchanged, IReadOnlyList<string> NotKept, IReadOnlyList<string> LeftOut)
{
    /// <summary>Whether the archive is the whole volume at one instant.</summary>
    public bool IsConsistent => IsUnchanged && LeftOut.Count == 0;
}

/// <summary><c>kvol export</c>: a volume or snapshot as a tar archive.</summary>
internal static class Exporting
{
    /// <summary>Writes to a file, or to standard output when <paramref name="file"/> is null.</summary>
    public static ExportResult Run(Context context, string source, string? file)
    {
        var (name, snapshot) = SnapshotName.ParseEither(source);
        using var volume = OpenedVolume.Existing(context, name);
        using var view = Open(volume, snapshot);
        using var target = ArchiveTarget.Open(file, context.Interrupt.ThrowIfCancellationRequested);
        var report = new CopyReport("exporting");
        using var writer = new InterruptibleWriter(target.File, context.Interrupt.ThrowIfCancellationRequested);
        var output = new ArchiveOutput(writer);
        bool isConsistent;
        try
        {
            using var watch = context.Watch(report);
            isConsistent = TreeExporter.Export(
                view.Directory, output, report, name.Text, view.IsInstant, context.Configuration.ArchiveJobs, context.Interrupt.ThrowIfCancellationRequested);
            if (IsRemoved(view))
            {
                throw Removed(name);
            }
        }
        catch (NativeException e) when (e.Failure == Failure.NotFound && IsRemoved(view))
        {
            throw Removed(name);
        }

        target.Commit();

        var lost = report.Losses.Select(l => $"{l.Path}: {l.Reason}").ToArray();
        var inside = volume.Store.LeftOut(name);
        Losses.Tell(context, name, [.. lost, .. inside], "'--json'");
        return new ExportResult(name, snapshot, file, report.Files, report.Bytes, output.Count, isConsistent, lost, inside);
    }

    /// <summary>Writes a ZFS stream, with what changed since <paramref name="from"/> alone when that is given, and as it lies on disk when
    /// <paramref name="raw"/>: encrypted.</summary>
    public static ExportResult RunStream(Context context, string source, string? from, bool raw, string? file)
    {
        var (name, snapshot) = SnapshotName.ParseEither(source);
        var since = from is null ? null : SnapshotName.Parse(SnapshotName.IsMeant(from) ? from : $"{name}@{from}");
        if (since is not null && (snapshot is null || since.Volume != name))
        {
            throw new KvolException(ExitStatus.Usage, $"-i {from}", "an increment goes from one snapshot of a volume to another one: VOL@NAME -i EARLIER");
        }

        using var volume = OpenedVolume.Locked(context, name);
        var streams = volume.Store as IVolumeStreams
            ?? throw new KvolException(ExitStatus.Unavailable, "--format zfs", $"the store {volume.Store.Root} has no datasets to send; use --format tar");
        volume.Require();
        using var stream = streams.OpenStream(name, snapshot, since, raw);
        volume.Unlock();
        using var target = ArchiveTarget.Open(file, context.Interrupt.ThrowIfCancellationRequested);
        var report = new CopyReport("exporting");
        using (context.Watch(report))
        {
            StreamPump.FromPipe(stream.Write, target.File, report, context.Interrupt.ThrowIfCancellationRequested);
        }

        target.Commit();

        var inside = volume.Store.LeftOut(name);
        Losses.Tell(context, name, inside, "'--json'");
        return new ExportResult(name, snapshot, file, 0, report.Bytes, report.Bytes, IsUnchanged: true, [], inside);
    }

    private static bool IsRemoved(VolumeView view) => Files.Status(view.Directory).Links == 0;

    private static KvolException Removed(VolumeName name) =>
        new(ExitStatus.Busy, name.Text, "was removed while it was being exported; the archive is not complete and was not kept");

    private static VolumeView Open(OpenedVolume volume, SnapshotName? snapshot)
    {
        var view = volume.Store.OpenView(volume.Name, snapshot);
        if (!view.IsInstant)
        {
            volume.WarnOfWriters("archive");
        }

        volume.Unlock(); // a jail must not wait for a backup
        return view;
    }
}
