using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Storage.Base;
using Kvol.Storage.Mounts;
using Kvol.Storage.Values;

namespace Kvol.Storage.Verbs;

/// <summary>Mounts for one jail, and records the mounts under the jail's name.</summary>
internal static class Attacher
{
    /// <summary>Mounts all specs or none. <paramref name="pid"/> is a process that ends with the jail, or null; <paramref name="force"/>
    /// allows mounts of single files even under a running jail. <paramref name="snapshots"/>: see <see cref="Mounter.Mount"/>.</summary>
    public static IReadOnlyList<MountResult> Run(Context context, string jail, string rootPath, IReadOnlyList<string> specs, int? pid,
        bool force, bool snapshots)
    {
        var name = JailName.Parse(jail);
        var parsed = specs.Select(MountSpec.Parse).ToArray();
        var process = pid is not { } number ? null
            : ProcessIdentity.Of(number) ?? throw new KvolException(ExitStatus.NoInput, $"--pid {number}", "there is no such process");
        return Mounter.Mount(context, rootPath, parsed, force, snapshots,
            new Attachment(name, default, 0, ProcessIdentity.OfParent(), process, null, [.. parsed.Select(s => s.Text)]).Now());
    }

    /// <summary>The same for a jail that need not be starting: the mounts stay until the jail was seen running and is gone.</summary>
    public static IReadOnlyList<MountResult> Declare(Context context, string jail, string rootPath, IReadOnlyList<MountSpec> specs) =>
        Mounter.Mount(context, rootPath, specs, force: false, snapshots: false,
            new Attachment(jail, default, 0, ProcessIdentity.OfInit(), null, null, [.. specs.Select(s => s.Text)]).Now());

    /// <summary>Unmounts what dead jails left; skips what is busy.</summary>
    public static void UndoDead(RootSession session, Liveness liveness)
    {
        foreach (var dead in session.Record.Attachments.Where(a => liveness.IsDead(a, session.Path, rootIsGone: false)).ToArray())
        {
            var busy = new Undoing(session, Force: false, TimeSpan.Zero).Run(Ownership.Release(session, dead.Jail));
            session.Settle();
            session.Record = busy.Count == 0 ? session.Record.Without(dead.Jail) : session.Record;
        }
    }

    /// <summary>Records an attachment before anything is mounted for it.</summary>
    public static void Remember(RootSession session, Attachment attachment, Liveness liveness)
    {
        session.Record = session.Record.With(liveness.Seen(attachment.Including(session.Record.Of(attachment.Jail)), session.Path));
        session.Save();
    }

    /// <summary>Reports earlier mounts of the jail that this command did not ask for.</summary>
    public static void WarnOfOthers(RootSession session, Attachment attachment)
    {
        var wanted = attachment.Destinations().ToHashSet();
        foreach (var mount in session.Record.Mounts.Where(m => m.Jails.Contains(attachment.Jail) && !wanted.Contains(m.Destination)))
        {
            session.Context.Warn(
                $"{mount.Destination}: {Shown.Of(mount.Source)} is still mounted for {attachment.Jail}, but was not given this time; "
                + $"to unmount it: kvol umount {Shown.Quoted(session.Path)} {Shown.Quoted(mount.Destination)}");
        }
    }

    /// <summary>Gives the jail a mount that already exists. Other jails that are attached keep it too.</summary>
    public static void Adopt(RootSession session, string jail, KvolMount mount, MountSpec spec)
    {
        var record = mount.Record ?? new RunRecord(
            mount.Entry.Id, mount.Entry.Target.ToString(), mount.Entry.Origin.ToString(), spec.TypeText, spec.SourceText, spec.Destination,
            [], spec.Recursive, [])
        { Options = [.. spec.Options()] };
        string[] jails = [.. record.Jails.Where(j => j == jail || session.Record.Of(j) is not null)];
        session.Record = session.Record with
        {
            Mounts = [.. session.Record.Mounts.Where(r => r.Target != record.Target),
                record with { Jails = jails.Contains(jail) ? jails : [.. jails, jail] }]
        };
    }
}
