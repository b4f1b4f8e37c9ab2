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

    /// <summary>The snapshot or bookmark from which an incremental stream starts; null for a whole volume.</summary>
    public string? Since { get; init; }

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
    /// <summary>Stands for a start that kvol chooses itself: the list on standard input says which snapshots the other side has.</summary>
    public const string FromList = "-";

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
    /// encrypted, if <paramref name="raw"/>. The incremental stream starts from the snapshot that <paramref name="from"/> names, or for
    /// <c>-</c> from the newest one that the list on standard input has too.</summary>
    public static ExportResult RunStream(Context context, string source, string? from, bool raw, string? file)
    {
        var (name, snapshot) = SnapshotName.ParseEither(source);
        var since = from is null or FromList ? null : SnapshotName.Parse(SnapshotName.IsMeant(from) ? from : $"{name}@{from}");
        if (from is not null && (snapshot is null || (since is not null && since.Volume != name)))
        {
            throw new KvolException(ExitStatus.Usage, $"--since {from}",
                "an incremental stream goes from an earlier snapshot of a volume to a later one: VOL@NAME --since EARLIER");
        }

        var other = from == FromList ? ReadOtherSide(context, name) : null; // without the lock: it may take long to arrive
        using var volume = OpenedVolume.Existing(context, name);
        var streams = Streams(volume.Store);
        var start = since is not null ? IncrementStart.Named(streams.SendPoints(name), snapshot!, since)
            : other is not null ? IncrementStart.Common(streams.SendPoints(name), snapshot!, other) : null;
        if (start is not null && other is not null && IncrementStart.Obstacle(start, other) is { } obstacle)
        {
            context.Warn($"{snapshot}: the incremental stream starts from {start.In(name.Text)}; {obstacle}");
        }

        using var stream = Open(volume, streams, snapshot, start, raw);
        if (context.Plan is { } plan)
        {
            ArchiveTarget.Check(file, plan);
            plan.Note($"write {snapshot?.ToString() ?? name.Text} as a stream of zfs-send(8) to {file ?? "standard output"}"
                + (start is null ? "" : $", what changed since {start.In(name.Text)}"));
            if (snapshot is not null)
            {
                streams.MarkSent(snapshot);
            }

            return Planned(volume, snapshot, file) with { Since = start?.In(name.Text) };
        }

        using var target = ArchiveTarget.Open(file, context.Interrupt.ThrowIfCancellationRequested);
        var report = new CopyReport("exporting");
        try
        {
            using (context.Watch(report))
            {
                StreamPump.FromPipe(stream.Write, target.File, report, context.Interrupt.ThrowIfCancellationRequested);
            }

            target.Commit();
        }
        finally
        {
            if (snapshot is not null && report.Bytes > 0)
            {
                streams.MarkSent(snapshot); // an interrupted stream may be resumed without kvol
            }
        }

        var inside = volume.Store.LeftOut(name);
        Losses.Tell(context, name, inside, "'--json'");
        return new ExportResult(name, snapshot, file, 0, report.Bytes, report.Bytes, IsUnchanged: true, [], inside.Count, inside)
        {
            Since = start?.In(name.Text),
        };
    }

    private static OtherSide ReadOtherSide(Context context, VolumeName name)
    {
        const string Subject = "standard input";
        _ = OpenedVolume.Look(context, name, (store, _) => Streams(store));
        return SnapshotList.Read(new ArchiveInput(new Fd(0), Subject, context.Interrupt.ThrowIfCancellationRequested), Subject, name);
    }

    private static IVolumeStreams Streams(IVolumeStore store) => store.Streams
        ?? throw new KvolException(ExitStatus.Unavailable, "--format zfs",
            $"the store {store.Root} has no datasets to send; use --format tar");

    private static ExportResult Planned(OpenedVolume volume, SnapshotName? snapshot, string? file) =>
        new(volume.Name, snapshot, file, 0, 0, 0, IsUnchanged: true, [], 0, volume.Store.LeftOut(volume.Name));

    private static bool IsRemoved(VolumeView view) => Files.Status(view.Directory).Links == 0;

    private static KvolException Removed(VolumeName name) =>
        new(ExitStatus.Busy, name.Text, "was removed while it was being exported; the archive is not complete and was not kept");

    private static VolumeStream Open(OpenedVolume volume, IVolumeStreams streams, SnapshotName? snapshot, SendPoint? since, bool raw)
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
