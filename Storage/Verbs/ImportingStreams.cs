using System.Linq;
using Kvol.Storage.Archives;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Storage.Verbs;

/// <summary>Options of an import.</summary>
/// <param name="Into">The volume exists; an incremental stream is applied to it, or it is filled.</param>
/// <param name="Resume">A partly received ZFS stream is kept, and a stream made with its token resumes it.</param>
internal sealed record ImportRules(bool Into, bool Resume);

/// <summary><c>kvol import</c> of a ZFS stream.</summary>
internal static class ImportingStreams
{
    /// <summary>Receives the stream at whose start <paramref name="input"/> is. All or nothing, unless the rules say that a partly received
    /// stream is kept.</summary>
    public static ImportResult Run(Context context, VolumeName name, ArchiveInput input, string subject, ImportRules rules,
        NewVolume wanted)
    {
        var begin = StreamBegin.Read(input, subject);
        RequireKind(begin, subject, rules);
        using var volume = OpenedVolume.Locked(context, name, create: !begin.IsIncremental && !begin.GoesOn);
        RequireTarget(volume, begin);
        var before = begin.IsIncremental && volume.Store.Snapshots(name) is [.., var newest] ? newest.Name : null;
        var report = new CopyReport("importing");
        using (context.Watch(report))
        {
            var seed = volume.Store.Streams!.Receive(
                name, begin.IsIncremental ? null : wanted, begin, rules.Resume, subject, receive =>
                    StreamPump.ToPipe(input, receive, report), report);
            _ = input.Drain();
            if (before is not null)
            {
                WayBack.Say(context, $"{name}: to return to what it was", "rollback", "-r", before.ToString());
            }

            return new ImportResult(name, !begin.IsIncremental, seed, [], 0);
        }
    }

    private static void RequireKind(StreamBegin begin, string subject, ImportRules rules)
    {
        if (begin.GoesOn)
        {
            _ = rules.Resume ? 0
                : throw new KvolException(ExitStatus.Usage, subject, "continues an interrupted stream; import it with --resume");
            return;
        }

        if (begin.IsIncremental && !rules.Into)
        {
            throw new KvolException(ExitStatus.Unavailable, subject,
                "is an incremental stream; import it with --into, into the volume that has the snapshot that it starts from");
        }

        if (!begin.IsIncremental && rules.Into)
        {
            throw new KvolException(ExitStatus.Usage, subject, "is a whole ZFS stream, which makes a new volume; leave out --into");
        }
    }

    private static void RequireTarget(OpenedVolume volume, StreamBegin begin)
    {
        if (begin.IsIncremental || begin.GoesOn)
        {
            volume.Require();
            volume.RequireUnused();
        }
        else if (volume.Store.Find(volume.Name)?.ResumeToken is null) // otherwise the error says how to resume
        {
            volume.RequireFree(wayOut: "a full stream makes a new volume");
        }
    }
}
