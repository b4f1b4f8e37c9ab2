using System;
using System.Collections.Generic;

namespace Kvol.Native;

/// <summary>libzfs_core: one method per function, which throws its errno. An instance exists only after libzfs_core_init()
/// succeeded.</summary>
internal sealed unsafe partial class ZfsCore : IDisposable
{
    private bool closed;

    private ZfsCore()
    {
    }

    /// <summary>Loads the library and opens it, libzfs_core_init(). <see cref="Failure.NoLibrary"/> when it, or libnvpair, is not there,
    /// <see cref="Failure.NotFound"/> when the module is not loaded.</summary>
    public static ZfsCore Open()
    {
        new NvList().Dispose(); // a libnvpair that is missing is called by its name, not by that of the library that needs it
        try
        {
            var error = LibZfsCore.libzfs_core_init();
            return error == 0 ? new ZfsCore() : throw new NativeException("libzfs_core_init", "/dev/zfs", error);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            throw NativeException.NoLibrary(e.Message);
        }
    }

    /// <summary>lzc_create() of a file system, with the key of an encrypted one; it is not mounted.</summary>
    public void Create(string dataset, NvList properties, byte[]? key = null)
    {
        ObjectDisposedException.ThrowIf(closed, this);
        fixed (byte* n = new ByteString(dataset).Terminated, k = key)
        {
            Check(LibZfsCore.lzc_create(n, LibZfsCore.LZC_DATSET_TYPE_ZFS, properties, k, (uint)(key?.Length ?? 0)), "lzc_create", dataset);
        }
    }

    /// <summary>lzc_destroy() of a dataset that is not mounted, has no snapshots and no children.</summary>
    public void Destroy(string dataset)
    {
        ObjectDisposedException.ThrowIf(closed, this);
        fixed (byte* n = new ByteString(dataset).Terminated)
        {
            Check(LibZfsCore.lzc_destroy(n), "lzc_destroy", dataset);
        }
    }

    /// <summary>lzc_destroy_snaps(): all of them or none; missing ones count as destroyed. With <paramref name="defer"/>, a snapshot that
    /// is held or has clones is destroyed when the last hold or clone is gone.</summary>
    public void DestroySnapshots(IEnumerable<string> snapshots, string subject, bool defer = false)
    {
        using var list = new NvList();
        foreach (var snapshot in snapshots)
        {
            list.Add(snapshot, value: (ulong?)null);
        }

        ObjectDisposedException.ThrowIf(closed, this);
        nint errors = 0;
        var error = LibZfsCore.lzc_destroy_snaps(list, defer ? 1 : 0, &errors);
        Free(errors);
        Check(error, "lzc_destroy_snaps", subject);
    }

    public void Dispose()
    {
        if (!closed)
        {
            closed = true;
            LibZfsCore.libzfs_core_fini();
        }
    }

    private static void Free(nint list)
    {
        if (list != 0)
        {
            NvList.Own(list).Dispose();
        }
    }

    private static void Check(int error, string call, string subject)
    {
        if (error != 0)
        {
            throw new NativeException(call, subject, error);
        }
    }
}
