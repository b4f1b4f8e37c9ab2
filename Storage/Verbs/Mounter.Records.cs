using System.Linq;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Mounts;
using Kvol.Storage.Values;

namespace Kvol.Storage.Verbs;

/// <content>The run record of the root directory.</content>
internal sealed partial class Mounter
{
    private RunRecord RecordOf(MountPlace place, MountSpec spec, MountSource source) => new(
        RunRecord.Planned, place.Path.ToString(), source.Origin.ToString(), spec.TypeText,
        SourceOf(spec, source), spec.Destination,
        attachment is null ? [] : [attachment.Jail], spec.Recursive, [])
    {
        Options = [.. spec.Options()],
        UserNamespace = source.NamespaceNumber,
    };

    // 'kvol dump' writes it, and 'apply' has to mount the same: a path that no text can hold is recorded as it was given.
    private static string SourceOf(MountSpec spec, MountSource source) => spec.Volume is not null ? spec.Source
        : source.Path.IsText ? source.Path.Text : spec.HostPath ?? source.Path.Text;

    private void Remember(RunRecord record) =>
        session.Record = session.Record with
        {
            Mounts = [.. session.Record.Mounts.Where(r =>
            r.Target != record.Target && (r.Id != record.Id || r.Id == RunRecord.Planned)), record]
        };

    /// <summary>The record as it was before this command, and what could not be undone.</summary>
    private void Restore(RootRecord before)
    {
        try
        {
            session.Settle();
            session.Record = session.Record with
            {
                Mounts = [.. session.Record.Mounts.Select(r =>
                    before.Mounts.FirstOrDefault(b => b.Id == r.Id && b.Target == r.Target) ?? r)]
            };
            session.Forget();
            var jail = attachment?.Jail;
            if (jail is not null && (before.Of(jail) is not null || !Ownership.HasAny(session, attachment!)))
            {
                session.Record = before.Of(jail) is { } earlier ? session.Record.With(earlier) : session.Record.Without(jail);
            }

            session.Save(isUndoing: true);
        }
        catch (NativeException e)
        {
            session.Context.Warn($"{e.Message}; the mounts are undone, but not all records of them");
        }
    }
}
