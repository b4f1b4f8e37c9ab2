using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Mounts;
using Kvol.Storage.Values;

namespace Kvol.Storage.Verbs;

/// <summary>What one command made, to be taken back when it fails: the last thing first.</summary>
internal sealed class MountUndo(RootSession session)
{
    private readonly Stack<Action> steps = new();

    private readonly HashSet<VolumeName> filled = [];

    /// <summary>A volume that this command created, under its lock since. What it holds is this command's when that filled it; anything else was put
    /// there by somebody, and stays.</summary>
    public void Created(VolumeName name) => steps.Push(() =>
    {
        if (filled.Contains(name) || session.Store!.IsEmpty(name))
        {
            VolumeRemoval.RemoveUnused(session.Store!, name, force: false);
        }
    });

    /// <summary>A volume that this command seeded.</summary>
    public void Filled(VolumeName name) => filled.Add(name);

    /// <summary>A mount that this command made, and what it took along.</summary>
    public void Mounted(ulong id, IReadOnlyList<ulong> inner) => steps.Push(() =>
    {
        session.Forget();
        foreach (var mount in Enumerable.Reverse(inner).Append(id))
        {
            if (session.Mounts.Table.Find(mount) is { } entry)
            {
                Unmounting.One(entry, force: false);
            }
        }

        session.Forget();
        session.MountPoints.RemoveUnused(session.Root!); // now, while the volume that they may be in is still mounted
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
                session.Context.Warn($"{e.Message}; left behind while undoing, 'kvol umount {session.Path}' removes it");
            }
        }

        session.MountPoints.RemoveUnused(session.Root!);
    }
}
