using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Archive;
using Kvol.Storage.Copy;
using Kvol.Storage.Stores;

namespace Kvol.Storage.Data;

/// <summary>What was exported.</summary>
/// <param name="Written">Bytes of the archive.</param>
/// <param name="IsConsistent">Whether nothing changed while it was read.</param>
internal sealed record ExportResult(VolumeName Volume, SnapshotName? Snapshot, string? File, long Files, long Bytes, long Written, bool IsConsistent, IReadOnlyList<string> NotKept);

/// <summary><c>kvol export</c>: a volume or snapshot as a tar archive.</summary>
internal static class Exporting
{
    /// <summary>Writes to a file, or to standard output when <paramref name="file"/> is null.</summary>
    public static ExportResult Run(Context context, string source, string? file)
    {
        var (name, snapshot) = SnapshotName.ParseEither(source);
        using var store = VolumeStores.Open(context.Configuration, create: false, context.Warn) ?? throw Volumes.NoSuch(name);
        using var view = Open(context, store, name, snapshot);
        using var target = ArchiveTarget.Open(file);
        var report = new CopyReport("exporting");
        var output = new ArchiveOutput(target.File);
        bool isConsistent;
        try
        {
            using (context.Watch(report))
            {
                isConsistent = TreeExporter.Export(view.Directory, output, report, context.Interrupt.ThrowIfCancellationRequested);
            }

            if (Files.Status(view.Directory).Links == 0)
            {
                throw new KvolException(ExitStatus.Busy, name.Text, "was removed while it was being exported; the archive is not complete");
            }

            target.Commit();
        }
        catch
        {
            target.Abandon();
            throw;
        }

        var lost = report.Losses.Select(l => $"{l.Path}: {l.Reason}").ToArray();
        Losses.Tell(context, name, lost, "'--json'");
        return new ExportResult(name, snapshot, file, report.Files, report.Bytes, output.Count, isConsistent, lost);
    }

    private static VolumeView Open(Context context, IVolumeStore store, VolumeName name, SnapshotName? snapshot)
    {
        // Held only until it is open: a jail must not wait for a backup.
        using var held = store.Lock(name, context);
        Guards.RequireThere(store, name);
        var view = VolumeStores.DataOf(store).OpenView(name, snapshot);
        if (!view.IsInstant)
        {
            Guards.WarnOfWriters(context, store, name, "archive");
        }

        return view;
    }
}
