using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using Kvol.Native;
using Kvol.Storage.Archives;
using Kvol.Storage.Base;
using Kvol.Storage.Stores;
using Kvol.Storage.Trees;
using Kvol.Storage.Values;

namespace Kvol.Storage.Verbs;

/// <summary>The result of an export.</summary>
/// <param name="Written">Bytes of the archive.</param>
/// <param name="IsUnchanged">Whether nothing changed while it was read.</param>
/// <param name="NotKept">What the archive could not preserve, one line each.</param>
/// <param name="LeftOut">What lies in separate datasets inside the volume, one line each.</param>
internal sealed record ExportResult(
    VolumeName Volume, SnapshotName? Snapshot, string? File, long Files, long Bytes, long Written, bool IsUnchanged,
        IReadOnlyList<string> NotKept, int NotKeptCount,
    IReadOnlyList<string> LeftOut)
{
    /// <summary>Whether the archive shows the whole volume at one time.</summary>
    public bool IsConsistent => IsUnchanged && LeftOut.Count == 0;

    /// <summary>Writes how much was exported, and what was not, as members of a JSON object.</summary>
    public void WriteFigures(Utf8JsonWriter json)
    {
        json.WriteNumber("files", Files);
        json.WriteNumber("bytes", Bytes);
        json.WriteNumber("written", Written);
        json.WriteBoolean("consistent", IsConsistent);
        json.WriteNumber("not_kept_count", NotKeptCount);
        json.WriteStartArray("not_kept");
        foreach (var line in NotKept.Concat(LeftOut))
        {
            json.WriteStringValue(line);
        }

        json.WriteEndArray();
    }
}

/// <summary><c>kvol export</c>: a volume or snapshot as a tar archive.</summary>
internal static class Exporting
{
    /// <summary>Writes to a file, or to standard output when <paramref name="file"/> is null.</summary>
    public static ExportResult Run(Context context, string source, string? file)
    {
        var (name, snapshot) = SnapshotName.ParseEither(source);
        return Failures.Name(name.Text, () => Run(context, name, snapshot, file), fills: false);
    }

    private static ExportResult Run(Context context, VolumeName name, SnapshotName? snapshot, string? file)
    {
        using var volume = OpenedVolume.Existing(context, name);
        using var view = Open(volume, snapshot);
        if (context.Plan is { } plan)
        {
            ArchiveTarget.Check(file, plan);
            plan.Note($"write {snapshot?.ToString() ?? name.Text} as a tar archive to {file ?? "standard output"}, with the ACLs, extended "
                + "attributes, flags and holes that tar(1) may not keep; a file gets its name when the archive is complete");
            return Planned(volume, snapshot, file);
        }

        using var target = ArchiveTarget.Open(file, context.Interrupt.ThrowIfCancellationRequested);
        var report = new CopyReport("exporting");
        using var writer = new InterruptibleWriter(target.File, context.Interrupt.ThrowIfCancellationRequested);
        var output = new ArchiveOutput(writer);
        bool isConsistent;
        try
        {
            using var watch = context.Watch(report);
            isConsistent = TreeExporter.Export(
                view.Directory, output, report, name.Text, view.IsInstant, context.Configuration.ArchiveJobs,
                    context.Interrupt.ThrowIfCancellationRequested);
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

        var inside = volume.Store.LeftOut(name);
        var count = report.LossCount + inside.Count;
        Losses.Tell(context, name, [.. inside, .. report.Lines], "'--json'", count);
        return new ExportResult(name, snapshot, file, report.Files, report.Bytes, output.Count, isConsistent, report.Lines, count, inside);
    }

    /// <summary>Writes a ZFS stream: an incremental one if <paramref name="from"/> is given, and a raw one, in which encrypted data stay
    /// encrypted, if <paramref name="raw"/>.</summary>
    public static ExportResult RunStream(Context context, string source, string? from, bool raw, string? file)
    {
        var (name, snapshot) = SnapshotName.ParseEither(source);
        var since = from is null ? null : SnapshotName.Parse(SnapshotName.IsMeant(from) ? from : $"{name}@{from}");
        if (since is not null && (snapshot is null || since.Volume != name))
        {
            throw new KvolException(ExitStatus.Usage, $"-i {from}",
                "an increment goes from one snapshot of a volume to another one: VOL@NAME -i EARLIER");
        }

        using var volume = OpenedVolume.Locked(context, name);
        var streams = volume.Store.Streams
            ?? throw new KvolException(ExitStatus.Unavailable, "--format zfs",
                $"the store {volume.Store.Root} has no datasets to send; use --format tar");
        volume.Require();
        using var stream = Open(volume, streams, snapshot, since, raw);
        if (context.Plan is { } plan)
        {
            ArchiveTarget.Check(file, plan);
            plan.Note($"write {snapshot?.ToString() ?? name.Text} as a stream of zfs-send(8) to {file ?? "standard output"}"
                + (since is null ? "" : $", what changed since {since}"));
            return Planned(volume, snapshot, file);
        }

        using var target = ArchiveTarget.Open(file, context.Interrupt.ThrowIfCancellationRequested);
        var report = new CopyReport("exporting");
        using (context.Watch(report))
        {
            StreamPump.FromPipe(stream.Write, target.File, report, context.Interrupt.ThrowIfCancellationRequested);
        }

        target.Commit();

        var inside = volume.Store.LeftOut(name);
        Losses.Tell(context, name, inside, "'--json'");
        return new ExportResult(name, snapshot, file, 0, report.Bytes, report.Bytes, IsUnchanged: true, [], inside.Count, inside);
    }

    private static ExportResult Planned(OpenedVolume volume, SnapshotName? snapshot, string? file) =>
        new(volume.Name, snapshot, file, 0, 0, 0, IsUnchanged: true, [], 0, volume.Store.LeftOut(volume.Name));

    private static bool IsRemoved(VolumeView view) => Files.Status(view.Directory).Links == 0;

    private static KvolException Removed(VolumeName name) =>
        new(ExitStatus.Busy, name.Text, "was removed while it was being exported; the archive is not complete and was not kept");

    private static VolumeStream Open(OpenedVolume volume, IVolumeStreams streams, SnapshotName? snapshot, SnapshotName? since, bool raw)
    {
        var stream = streams.OpenStream(volume.Name, snapshot, since, raw);
        return stream with { Release = Hold(volume, stream.Release) };
    }

    private static VolumeView Open(OpenedVolume volume, SnapshotName? snapshot)
    {
        var view = volume.Store.OpenView(volume.Name, snapshot);
        if (!view.IsInstant)
        {
            volume.WarnOfWriters("archive");
        }

        return view with { Release = Hold(volume, view.Release) };
    }

    // The hold keeps others from removing, renaming or refilling the volume until it is released. The lock is released, because a jail must
    // not wait for a backup.
    private static Action Hold(OpenedVolume volume, Action release)
    {
        try
        {
            var hold = volume.HoldToRead();
            volume.Unlock();
            return () =>
            {
                hold?.Dispose();
                release();
            };
        }
        catch
        {
            release();
            throw;
        }
    }
}
