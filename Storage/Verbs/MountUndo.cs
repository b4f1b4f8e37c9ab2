using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Mounts;
using Kvol.Storage.Stores;
using Kvol.Storage.Values;

namespace Kvol.Storage.Verbs;

/// <summary>Undoes what one command made if it fails: the last thing first.</summary>
internal sealed class MountUndo(RootSession session)
{
    private readonly Stack<Action> steps = new();

    private readonly HashSet<VolumeName> filled = [];

    private readonly List<string> unmounted = [];

    /// <summary>A volume that this command is about to create, and whose lock it holds until the end. Its content counts as this command's
    /// only if this command filled it; any other content was made by another process, and stays.</summary>
    public void Creates(VolumeName name) => steps.Push(() =>
    {
        if (session.Store!.Find(name) is not null && (filled.Contains(name) || VolumeContent.IsEmpty(session.Store!, name)))
        {
            VolumeUses.RequireNone(session.Context, session.Store!, name);
            session.Store!.Remove(name, force: false);
        }
    });

    /// <summary>Snapshots that this command took.</summary>
    public void Snapshots(IReadOnlyList<SnapshotName> taken) => steps.Push(() =>
    {
        if (taken.Count > 0)
        {
            session.Store!.RemoveSnapshots(taken);
        }
    });

    /// <summary>A directory of the host that this command made as a source, or above one.</summary>
    public void Makes(ByteString path, FileIdentity identity) => steps.Push(() => HostDirectory.RemoveUnused(path, identity));

    /// <summary>A volume that this command seeded.</summary>
    public void Filled(VolumeName name) => filled.Add(name);

    /// <summary>A mount that this command is about to make, with an id known in advance. If this command does not make the mount, the
    /// kernel gives the id to another one: therefore the mount must also show the same <paramref name="origin"/> in this root directory. A
    /// recursive mount includes what is mounted in its source.</summary>
    public void Mounts(ulong id, ByteString origin, bool recursive) => steps.Push(() =>
    {
        session.Forget();
        var table = session.Mounts.Table;
        if (Unmounting.Again(table, id, origin, session.Root!.Path) is { } top)
        {
            // What stays busy must be found by the command that the warning names.
            session.Record = session.Record.With(top);
            session.Forget();
            foreach (var entry in recursive ? table.Entries.Where(e => e.Target.IsBelow(top.Target)).Reverse() : [])
            {
                Unmounting.One(entry, session.Root!.Path, force: false, plan: null);
            }

            Unmounting.One(top, session.Root!.Path, force: false, plan: null);
            unmounted.Add(top.Target.ToString());
        }

        session.Forget();
        RemoveMountPoints(); // now, while the volume that holds them may still be mounted
    });

    /// <summary>Undoes everything; warns about what cannot be undone.</summary>
    public void Run()
    {
        while (steps.TryPop(out var step))
        {
            try
            {
                step();
            }
            catch (Exception e) when (e is KvolException or NativeException)
            {
                session.Context.Warn($"{e.Message}; kvol could not undo it; to remove it: kvol umount {Shown.Quoted(session.Path)}");
            }
        }

        RemoveMountPoints();
        UndoneMounts.Add(session, unmounted, []);
    }

    private void RemoveMountPoints()
    {
        foreach (var error in session.MountPoints.RemoveUnused(session.Root!))
        {
            session.Context.Warn(error.Message);
        }
    }
}
