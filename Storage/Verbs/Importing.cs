using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Archives;
using Kvol.Storage.Base;
using Kvol.Storage.Trees;
using Kvol.Storage.Values;

namespace Kvol.Storage.Verbs;

/// <summary>The result of an import.</summary>
/// <param name="Created">Whether the volume was made by this command.</param>
/// <param name="NotTaken">The first members of the archive that were skipped, and why, one line each.</param>
/// <param name="NotTakenCount">The number of skipped members.</param>
internal sealed record ImportResult(VolumeName Volume, bool Created, SeedRecord Seed, IReadOnlyList<string> NotTaken, int NotTakenCount);

/// <summary><c>kvol import</c>: a volume from a tar archive, all or nothing.</summary>
internal static class Importing
{
    /// <summary>Reads a file, or standard input if <paramref name="file"/> is null. The volume is new, or if the rules say so an existing
    /// empty one.</summary>
    public static ImportResult Run(Context context, VolumeName name, string? file, ImportRules rules, NewVolume wanted) =>
        Failures.Name(name.Text, () => Take(context, name, file, rules, wanted));

    private static ImportResult Take(Context context, VolumeName name, string? file, ImportRules rules, NewVolume wanted)
    {
        using var source = InputFile.Open(file);
        var subject = source.Subject;
        var input = new ArchiveInput(source.Descriptor, subject, context.Interrupt.ThrowIfCancellationRequested);
        if (StreamFormat.Detect(input.Peek(StreamFormat.HeadLength)).Kind == StreamKind.ZfsStream
            && !context.Configuration.Root.StartsWith('/'))
        {
            return ImportingStreams.Run(context, name, input, subject, rules, wanted);
        }

        RequireTar(input, name, file, subject, context.Configuration.Root);
        var into = rules.Resume
            ? throw new KvolException(ExitStatus.Usage, "--resume",
            $"needs a ZFS stream; {subject} is a tar archive, which is imported whole or not at all") : rules.Into;
        using var volume = OpenedVolume.Locked(context, name, create: !into);
        RequireTarget(volume, into);
        var report = new CopyReport("importing");
        SeedRecord seed;
        using (context.Watch(report))
        {
            seed = into ? volume.Store.Fill(name, Fill, isMounted: false, context) : volume.Store.CreateFilled(name, wanted, Fill, context);
        }

        context.Plan?.Note($"fill {name} with the content of the tar archive in {subject}, all or nothing");
        var refused = report.Refused;
        Losses.Tell(context, name, [.. refused.Select(r => $"not taken: {r}"), .. seed.NotKept], "'--json'", report.RefusedCount
            + seed.NotKeptCount);
        return new ImportResult(name, !into, seed, refused, report.RefusedCount);

        (SeedRecord Seed, HeldFlags Held) Fill(Fd directory, TopDirectory chosen)
        {
            var held = TreeImporter.Import(directory, chosen, new TarReader(input), report, context.Configuration.ArchiveJobs,
                context.Interrupt.ThrowIfCancellationRequested);
            if (!input.Drain())
            {
                report.Refuse(
                    long.MaxValue, new ByteString("after the end of the archive"), "there is more; import each archive by itself");
            }

            return (SeedRecord.Of($"tar:{subject}", report), held);
        }
    }

    private static void RequireTar(ArchiveInput input, VolumeName name, string? file, string subject, string root)
    {
        var format = StreamFormat.Detect(input.Peek(StreamFormat.HeadLength));
        if (format.Kind == StreamKind.Tar)
        {
            return;
        }

        throw format.Kind switch
        {
            StreamKind.Empty => new KvolException(ExitStatus.Damaged, subject, "is empty: there is no archive in it; nothing was imported"),
            StreamKind.Compressed => new KvolException(
                ExitStatus.Damaged, subject, "is compressed; unpack it on the way: "
                + $"{format.Program} -dc {(file is null ? "FILE" : Shown.Quoted(file))} | kvol import {name}"),
            StreamKind.ZfsCompoundStream => new KvolException(
                ExitStatus.Unavailable, subject,
                    "is a compound ZFS stream (zfs send -R or -p), which kvol cannot take; use: zfs receive DATASET <FILE"),
            StreamKind.ZfsStream => new KvolException(
                ExitStatus.Unavailable, subject,
                    $"is a ZFS stream, and the store {root} is a directory; name a dataset with --root, or export with --format tar"),
            _ => new KvolException(ExitStatus.Damaged, subject, "is not a tar archive; nothing was imported"),
        };
    }

    private static void RequireTarget(OpenedVolume volume, bool into)
    {
        if (!into)
        {
            volume.RequireFree(wayOut: "an import makes a new volume, or fills an empty one with --into");
            return;
        }

        volume.Require();
        volume.RequireEmpty();
        volume.RequireUnused();
    }
}
