using System;
using Kvol.Native;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>Translates the errors of ZFS calls. The same errno has different meanings for different operations
/// (lib/libzfs_core/libzfs_core.c).</summary>
internal static class ZfsErrors
{
    /// <summary>Reading.</summary>
    public static T Reading<T>(string dataset, Func<T> call)
    {
        try
        {
            return call();
        }
        catch (NativeException e)
        {
            throw Other(dataset, e);
        }
    }

    /// <summary>A dataset whose own blocks cannot be read; other datasets are intact.</summary>
    public static KvolException Unreadable(string dataset, NativeException e) => new(
        ExitStatus.Damaged, dataset, $"cannot be read: {e.Reason}; see 'zpool status -v {dataset.Split('/')[0]}'; it is left alone");

    /// <summary>Changing properties of a dataset.</summary>
    public static void Changing(string dataset, Action call)
    {
        try
        {
            call();
        }
        catch (NativeException e)
        {
            throw e.Failure switch
            {
                Failure.NotFound => new KvolException(ExitStatus.Busy, dataset, "was destroyed by another program"),
                Failure.NoSpace => new KvolException(ExitStatus.CannotCreate, dataset, "its pool or quota has no room for the change"),
                Failure.TooBig => new KvolException(ExitStatus.Usage, dataset,
                    "a property's value is longer than the 8191 bytes that ZFS takes"),
                _ => Other(dataset, e),
            };
        }
    }

    /// <summary>Creating a dataset whose properties were valid.</summary>
    public static KvolException Creating(string dataset, NativeException e) => e.Failure switch
    {
        Failure.NotFound => new KvolException(ExitStatus.Configuration, dataset,
            "its parent dataset does not exist; is its pool imported?"),
        Failure.NoSpace => new KvolException(ExitStatus.CannotCreate, dataset, "its pool, or a quota above it, is full"),
        Failure.NotPermitted => new KvolException(ExitStatus.Unavailable, dataset,
            "the encryption key of the dataset above it is not loaded; zfs load-key -a, then try again"),
        _ => Other(dataset, e),
    };

    /// <summary>Destroying a dataset or its snapshots.</summary>
    public static KvolException Destroying(string dataset, NativeException e) => e.Failure switch
    {
        Failure.Exists => new KvolException(ExitStatus.Busy, dataset, "has a clone or a dataset inside; remove that first"),
        Failure.Busy => new KvolException(ExitStatus.Busy, dataset,
            $"is busy: held (zfs holds), being sent or received, or mounted where kvol cannot see it"),
        Failure.NotFound => new KvolException(ExitStatus.NoInput, dataset, "was destroyed by another program"),
        _ => Other(dataset, e),
    };

    /// <summary>Mounting a dataset.</summary>
    public static KvolException Mounting(string dataset, NativeException e) => e.Failure switch
    {
        Failure.NotPermitted =>
            new KvolException(ExitStatus.Unavailable, dataset,
            $"cannot be mounted: its key is not loaded ({Mountpoint.LoadKey(dataset, dataset)}), or this host may not mount"),
        Failure.Busy => new KvolException(ExitStatus.Busy, dataset, "is mounted somewhere else, or its mountpoint is in use"),
        Failure.NotFound => new KvolException(ExitStatus.Busy, dataset, "was destroyed by another program"),
        _ => Other(dataset, e),
    };

    /// <summary>Errors that have the same meaning for every operation.</summary>
    public static KvolException Other(string dataset, NativeException e) => e.Failure switch
    {
        Failure.NotPermitted =>
            new KvolException(ExitStatus.NotPermitted, dataset, $"{e.Reason}; inside a jail or container the host must allow it"),
        Failure.ReadOnly => new KvolException(ExitStatus.CannotCreate, dataset,
            $"its pool was imported read-only; export it and import it again without -o readonly=on"),
        Failure.NoSpace => new KvolException(ExitStatus.CannotCreate, dataset, "its pool, or a quota, is full"),
        Failure.WouldBlock => new KvolException(ExitStatus.Busy, dataset,
            $"its pool is suspended after I/O errors; see 'zpool status', then 'zpool clear {dataset.Split('/')[0]}'"),
        Failure.Busy => new KvolException(ExitStatus.Busy, dataset, "is busy; try again"),
        Failure.NameTooLong => new KvolException(ExitStatus.Usage, dataset, "the name is too long for a dataset"),
        Failure.Other or Failure.Broken when e.Call == "ZFS_IOC_OBJSET_STATS" => Unreadable(dataset, e),
        _ => new KvolException(ExitStatus.SystemError, dataset, $"{e.Reason} ({e.Call})"),
    };
}
