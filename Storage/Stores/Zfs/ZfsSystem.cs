using System;
using System.Collections.Generic;
using Kvol.Native;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>The ZFS of this host. Reads use the device directly, which writes no pool history. Changes to datasets use libzfs_core, which
/// is loaded at its first use.</summary>
internal sealed class ZfsSystem : IDisposable
{
    private readonly Lazy<ZfsCore> core = new(() => Available(ZfsCore.Open));

    private ZfsSystem(ZfsDevice device) => Device = device;

    public ZfsDevice Device { get; }

    public ZfsCore Core => core.Value;

    /// <summary>A list of properties for <see cref="Core"/>, or an error (69) that says what this host lacks.</summary>
    public static NvList NewList() => Available(() => new NvList());

    /// <summary>Opens it, or throws an error (69) that says what this host lacks.</summary>
    public static ZfsSystem Open() => new(Available(ZfsDevice.Open));

    /// <summary>A dataset, or null if it or its pool does not exist.</summary>
    public DatasetStats? Find(DatasetName name) => Find(name.Text);

    /// <inheritdoc cref="Find(DatasetName)"/>
    public DatasetStats? Find(string name) => ZfsErrors.Reading(name, () => Device.Find(name));

    /// <summary>The snapshots of a dataset, oldest first.</summary>
    public IReadOnlyList<DatasetStats> Snapshots(string dataset) => ZfsErrors.Reading(dataset, () =>
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                var list = new List<DatasetStats>(Device.Snapshots(dataset));
                list.Sort((a, b) => a.CreationTxg.CompareTo(b.CreationTxg));
                return list;
            }
            catch (NativeException e) when (e.Failure == Failure.NotFound && attempt < 10)
            {
                // one was destroyed while the list was being read: only a whole list says what there is
            }
        }
    });

    /// <summary>Sets kvol's user properties; an empty value removes a state. One transaction, so everything written to the dataset before
    /// is then on disk too.</summary>
    public void Set(string dataset, params (string Property, string Value)[] values)
    {
        using var list = NewList();
        foreach (var (property, value) in values)
        {
            list.Add(property, value);
        }

        ZfsErrors.Changing(dataset, () => Device.SetProperties(dataset, list));
    }

    public void Dispose()
    {
        if (core.IsValueCreated)
        {
            core.Value.Dispose();
        }

        Device.Dispose();
    }

    private static T Available<T>(Func<T> open)
    {
        try
        {
            return open();
        }
        catch (NativeException e)
            when (e.Failure is Failure.NoLibrary or Failure.NotFound or Failure.Gone or Failure.NotSupported or Failure.NoDevice)
        {
            throw new KvolException(ExitStatus.Unavailable, "ZFS", e.Failure == Failure.NoLibrary
                ? $"{e.Subject} is not on this host or cannot be loaded; {Host.ZfsLibraryHint}"
                    : $"{e.Subject} is not there; {Host.ZfsModuleHint}");
        }
    }
}
