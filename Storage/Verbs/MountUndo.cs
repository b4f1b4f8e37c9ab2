using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Mounts;
using Kvol.Storage.Stores;
using Kvol.Storage.Values;

namespace Kvol.Storage.Verbs;

/// <summary>What one command made, to be taken back when it fails: the last thing first.</summary>
internal sealed class MountUndo(RootSession session)
{
    private readonly Stack<Action> steps = new();

    private readonly HashSet<VolumeName> filled = [];

    private readonly List<string> unmounted = [];

    /// <summary>A volume that this command is about to create, under its lock, which it holds until the end. What it holds is this
    /// command's when that filled it; anything else was put
    /// there by somebody, and stays.</summary>
    public void Creates(VolumeName name) => steps.Push(() =>
    {
        if (session.Store!.Find(name) is not null && (filled.Contains(name) || VolumeContent.IsEmpty(session.Store!, name)))
        {
            VolumeUses.RequireNone(session.Context, session.Store!, name);
            session.Store!.Remove(name, force: false);
        }
    });

    /// <summary>A volume that this command seeded.</summary>
    public void Filled(VolumeName name) => filled.Add(name);

    /// <summary>A mount that this command is about to make, of an id that is known already. The kernel gives the id to another mount when
    /// this one is not made, so what has it must show the same <paramref name="origin"/> in this root directory. A recursive one took along
    /// what is mounted in it.</summary>
    public void Mounts(ulong id, ByteString origin, bool recursive) => steps.Push(() =>
    {
        session.Forget();
        var table = session.Mounts.Table;
        if (Unmounting.Again(table, id, origin, session.Root!.Path) is { } top)
        {
            foreach (var entry in recursive ? table.Entries.Where(e => e.Target.IsBelow(top.Target)).Reverse() : [])
            {
                Unmounting.One(entry, session.Root!.Path, force: false);
            }

            Unmounting.One(top, session.Root!.Path, force: false);
            unmounted.Add(top.Target.ToString());
        }

        session.Forget();
        RemoveMountPoints(); // now, while the volume that they may be in is still mounted
    });

    /// <summary>Takes all back; what cannot be is told.</summary>
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
                session.Context.Warn($"{e.Message}; left behind while undoing; to remove it: kvol umount {Shown.Quoted(session.Path)}");
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
