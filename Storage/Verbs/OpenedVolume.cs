using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Mounts;
using Kvol.Storage.Stores;
using Kvol.Storage.Values;

namespace Kvol.Storage.Verbs;

/// <summary>A volume that a verb works with: its store, opened once, and its lock.</summary>
internal sealed class OpenedVolume : IDisposable
{
    private const int MostLooks = 100;

    private readonly Context context;
    private VolumeLocks? held;

    private OpenedVolume(Context context, IVolumeStore store, VolumeName name) => (this.context, Store, Name) = (context, store, name);

    public IVolumeStore Store { get; }

    public VolumeName Name { get; }

    /// <summary>A volume whose store and locks belong to the caller; it need not be disposed of.</summary>
    public static OpenedVolume In(Context context, IVolumeStore store, VolumeName name) => new(context, store, name);

    /// <summary>Looks at a volume without its lock; an error (66) if it does not exist. Another command may remove or rename it
    /// concurrently: then it does not exist, or kvol looks at another volume that has the name now.</summary>
    public static T Look<T>(Context context, VolumeName name, Func<IVolumeStore, Volume, T> look)
    {
        using var opened = Open(context, name, create: false);
        for (var attempt = 1; ; attempt++)
        {
            var volume = opened.Require();
            try
            {
                return look(opened.Store, volume);
            }
            catch (NativeException e) when (e.Failure is (Failure.NotFound or Failure.Stale) && attempt < MostLooks)
            {
                // the name is sought again
            }
        }
    }

    /// <summary>Takes the lock of a volume, and those of other names; an error (66) if the volume does not exist.</summary>
    public static OpenedVolume Existing(Context context, VolumeName name, params VolumeName[] others) =>
        Open(context, name, create: false).OrDispose(o => o.TakeLocks(false, others).Require(), out _);

    /// <summary>Takes the lock of a name, whether or not a volume has it. Makes the store if <paramref name="create"/>; otherwise a missing
    /// store is an error (66). <paramref name="toRemove"/>: see <see cref="IVolumeStore.Lock"/>.</summary>
    public static OpenedVolume Locked(Context context, VolumeName name, bool create = false, bool toRemove = false) =>
        Open(context, name, create).OrDispose(o => o.TakeLocks(toRemove), out _);

    /// <summary>The volume's metadata; an error (66) if it does not exist.</summary>
    public Volume Require() => Store.Find(Name) ?? throw Refusals.NoSuchVolume(Name);

    /// <summary>The same for work that needs the content: an error (75) if the volume is being received or seeded.</summary>
    public Volume RequireComplete()
    {
        var volume = Require();
        return volume.State switch
        {
            VolumeState.Receiving => throw new KvolException(ExitStatus.Busy, Name.Text,
                "is not complete: a stream is being received, or was interrupted; "
                + $"resume it with 'kvol import --resume {Name}', or remove the volume with 'kvol rm {Name}'"),
            VolumeState.Seeding => throw new KvolException(ExitStatus.Busy, Name.Text,
                "is not complete: its seeding was interrupted, and cannot be completed or undone now; "
                + $"'kvol gc' says why, 'kvol rm {Name}' removes the volume"),
            _ => volume,
        };
    }

    /// <summary>Throws an error (73) if a name already exists: this one, or another one that was locked with it.</summary>
    public void RequireFree(VolumeName? other = null, string wayOut = "choose another name")
    {
        if (Store.Find(other ?? Name) is not null)
        {
            throw Refusals.Taken((other ?? Name).Text, wayOut);
        }
    }

    /// <summary>Throws an error (73) if the volume holds anything.</summary>
    public void RequireEmpty()
    {
        if (!Store.IsEmpty(Name))
        {
            throw Refusals.NotEmpty(Name);
        }
    }

    /// <summary>Throws an error (75) that names the process exporting the volume, if there is one.</summary>
    public void RequireUnread() => ReadHold.RequireNone(context, Store, Name);

    /// <summary>Throws an error (75) that lists where the volume is mounted, if it is, or with <paramref name="evenSnapshots"/> where a
    /// snapshot of it is.</summary>
    public void RequireUnmounted(bool evenSnapshots = true) => VolumeUses.RequireNone(context, Store, Name, evenSnapshots);

    /// <summary>Throws the errors of both methods above. With <paramref name="unmountFirst"/>, unmounts kvol's mounts of the volume first,
    /// never by force.</summary>
    public void RequireUnused(bool unmountFirst = false)
    {
        RequireUnread();
        if (unmountFirst)
        {
            HostUsage.RequireNone(Store, Name);
            Holds.RequireNone(context, Store, Name); // before its mounts are undone in vain
            Unmount();
        }

        RequireUnmounted();
    }

    private void Unmount()
    {
        using var runs = RunRecords.Open(context.Configuration, context.Upkeep);
        var roots = runs.All();
        var gone = new List<MountEntry>();
        try
        {
            VolumeUses.Unmount(context, Store, Name, roots.SelectMany(r => r.Mounts), gone.Add);
        }
        finally
        {
            foreach (var root in roots)
            {
                RunRecord[] mounts = [.. root.Mounts.Where(m => gone.Exists(m.IsOf))];
                if (mounts.Length > 0)
                {
                    Unmounter.Forget(context, Store, root, mounts);
                }
            }
        }
    }

    /// <summary>Marks the volume as being read until the result is disposed of; see <see cref="ReadHold"/>.</summary>
    public ReadHold? HoldToRead() => ReadHold.Take(context, Store, Name);

    /// <summary>Warns if a mount of the volume is writable, because its content may then change while it is read.</summary>
    public void WarnOfWriters(string where)
    {
        WarnOfHosts(where);
        if (Writers() is { Count: > 0 } writable)
        {
            context.Warn($"{Name}: is mounted writable on {VolumeUse.Describe(writable)}; files that are written during this command "
                + $"may be incomplete in the {where}");
        }
        else if (Holds.Of(context.Configuration, Store, Name).Where(h => !h.Volume.IsReadOnly).Select(h => h.Hold).Distinct().ToArray()
            is { Length: > 0 } holds)
        {
            context.Warn($"{Name}: is held by {Holds.Describe(holds)}; files that are written during this command may be incomplete in "
                + $"the {where}");
        }
    }

    private void WarnOfHosts(string where)
    {
        try
        {
            if (HostUsage.Elsewhere(Store, Name).Where(r => !r.IsReadOnly).ToArray() is { Length: > 0 } hosts)
            {
                context.Warn($"{Name}: is mounted writable on {HostUsage.Describe(hosts)}; files that are written during this command "
                    + $"may be incomplete in the {where}");
            }
        }
        catch (KvolException e)
        {
            context.Warn(e.Message);
        }
    }

    /// <summary>The writable mounts of the volume. Warns if they cannot be seen.</summary>
    public IReadOnlyList<VolumeUse> Writers()
    {
        try
        {
            return [.. VolumeUses.Find(Store, Name).Where(u => !u.IsReadOnly)];
        }
        catch (KvolException e)
        {
            context.Warn(e.Message);
            return [];
        }
    }

    /// <summary>Releases the locks; the store stays open.</summary>
    public void Unlock()
    {
        held?.Dispose();
        held = null;
    }

    public void Dispose()
    {
        Unlock();
        Store.Dispose();
    }

    private static OpenedVolume Open(Context context, VolumeName name, bool create) =>
        new(context, VolumeStores.Open(context.Configuration, create, context.Upkeep) ?? throw Refusals.NoSuchVolume(name), name);

    private OpenedVolume TakeLocks(bool toRemove, params VolumeName[] others)
    {
        held = new VolumeLocks(Store, [Name, .. others], context, toRemove);
        return this;
    }

    private OpenedVolume OrDispose<T>(Func<OpenedVolume, T> step, out T result)
    {
        try
        {
            result = step(this);
            return this;
        }
        catch
        {
            Dispose();
            throw;
        }
    }
}
