using System;
using System.Linq;
using Kvol.Storage.Base;
using Kvol.Storage.Mounts;
using Kvol.Storage.Stores;
using Kvol.Storage.Values;

namespace Kvol.Storage.Verbs;

/// <summary>A volume that a verb works with: its store, opened once, and its lock.</summary>
internal sealed class OpenedVolume : IDisposable
{
    private readonly Context context;
    private VolumeLocks? held;

    private OpenedVolume(Context context, IVolumeStore store, VolumeName name) => (this.context, Store, Name) = (context, store, name);

    public IVolumeStore Store { get; }

    public VolumeName Name { get; }

    /// <summary>Opens a volume to be looked at, without its lock, and what is known of it; an error (66) when it does not exist.</summary>
    public static OpenedVolume Look(Context context, VolumeName name, out Volume volume) =>
        Open(context, name, create: false).OrDispose(o => o.Require(), out volume);

    /// <summary>Takes the lock of a volume, and those of other names; an error (66) when the volume does not exist.</summary>
    public static OpenedVolume Existing(Context context, VolumeName name, params VolumeName[] others) =>
        Open(context, name, create: false).OrDispose(o => o.TakeLocks(false, others).Require(), out _);

    /// <summary>Takes the lock of a name, whether a volume has it or not. The store is made when <paramref name="create"/>; else an error
    /// (66) says that there is none. <paramref name="toRemove"/>: see <see cref="IVolumeStore.Lock"/>.</summary>
    public static OpenedVolume Locked(Context context, VolumeName name, bool create = false, bool toRemove = false) =>
        Open(context, name, create).OrDispose(o => o.TakeLocks(toRemove), out _);

    /// <summary>What is known of the volume; an error (66) when it does not exist.</summary>
    public Volume Require() => Store.Find(Name) ?? throw Refusals.NoSuchVolume(Name);

    /// <summary>An error (73) when a name is taken: this one, or another one that was locked with it.</summary>
    public void RequireFree(VolumeName? other = null, string wayOut = "choose another name")
    {
        if (Store.Find(other ?? Name) is not null)
        {
            throw Refusals.Taken((other ?? Name).Text, wayOut);
        }
    }

    /// <summary>An error (73) when the volume holds anything.</summary>
    public void RequireEmpty()
    {
        if (!Store.IsEmpty(Name))
        {
            throw Refusals.NotEmpty(Name);
        }
    }

    /// <summary>An error (75) that names the process which exports the volume.</summary>
    public void RequireUnread() => ReadHold.RequireNone(context, Store, Name);

    /// <summary>An error (75) that lists where the volume is mounted.</summary>
    public void RequireUnmounted() => VolumeUses.RequireNone(context, Store, Name);

    /// <summary>Both. With <paramref name="unmountFirst"/>, kvol's mounts of the volume are unmounted first, never by force.</summary>
    public void RequireUnused(bool unmountFirst = false)
    {
        RequireUnread();
        if (unmountFirst)
        {
            using var runs = RunRecords.Open(context.Configuration, context.Warn);
            VolumeUses.Unmount(Store, Name, runs.AllMounts());
        }

        RequireUnmounted();
    }

    /// <summary>Says that the volume is being read until that is disposed of; see <see cref="ReadHold"/>.</summary>
    public ReadHold? HoldToRead() => ReadHold.Take(context, Store, Name);

    /// <summary>Warns when the volume is mounted where it can be written to, so that what is read of it is not one instant.</summary>
    public void WarnOfWriters(string where)
    {
        try
        {
            var writable = VolumeUses.Find(Store, Name).Where(u => !u.IsReadOnly).ToArray();
            if (writable.Length > 0)
            {
                context.Warn($"{Name}: is mounted read-write on {VolumeUse.Describe(writable)}: what is written there meanwhile may be "
                    + $"in the {where} in part");
            }
        }
        catch (KvolException e)
        {
            context.Warn(e.Message);
        }
    }

    /// <summary>Ends the locks; the store stays open.</summary>
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
        new(context, VolumeStores.Open(context.Configuration, create, context.Warn) ?? throw Refusals.NoSuchVolume(name), name);

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
