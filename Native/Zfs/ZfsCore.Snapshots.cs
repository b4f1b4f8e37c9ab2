using System;
using System.Collections.Generic;

namespace Kvol.Native;

/// <summary>What libzfs_core does with snapshots and names.</summary>
internal sealed unsafe partial class ZfsCore
{
    /// <summary>lzc_snapshot() of one dataset.</summary>
    public void Snapshot(string snapshot)
    {
        using var list = new NvList();
        using var none = new NvList();
        list.Add(snapshot, value: (ulong?)null);
        ObjectDisposedException.ThrowIf(closed, this);
        nint errors = 0;
        var error = LibZfsCore.lzc_snapshot(list, none, &errors);
        Free(errors);
        Check(error, "lzc_snapshot", snapshot);
    }

    /// <summary>lzc_rollback_to(): <see cref="Failure.Exists"/> when there is something newer. The dataset may be mounted.</summary>
    public void Rollback(string dataset, string snapshot) =>
        Call(dataset, snapshot, "lzc_rollback_to", static (n, s) => LibZfsCore.lzc_rollback_to((byte*)n, (byte*)s));

    /// <summary>lzc_rename() within a pool.</summary>
    public void Rename(string from, string to) => Call(from, to, "lzc_rename", static (f, t) => LibZfsCore.lzc_rename((byte*)f, (byte*)t));

    /// <summary>lzc_clone(); it is not mounted.</summary>
    public void Clone(string dataset, string origin, NvList properties) =>
        Call(dataset, origin, "lzc_clone", (d, o) => LibZfsCore.lzc_clone((byte*)d, (byte*)o, properties));

    /// <summary>lzc_promote(): the clone takes over the snapshot that it depends on, and all snapshots before it.</summary>
    public void Promote(string clone)
    {
        ObjectDisposedException.ThrowIf(closed, this);
        var conflict = stackalloc byte[256]; // ZFS_MAX_DATASET_NAME_LEN
        fixed (byte* n = new ByteString(clone).Terminated)
        {
            Check(LibZfsCore.lzc_promote(n, conflict, 256), "lzc_promote", clone);
        }
    }

    /// <summary>lzc_hold() of a snapshot: it cannot be destroyed until the returned descriptor is closed or this process ends.</summary>
    public Fd Hold(string snapshot, string tag)
    {
        using var list = new NvList();
        list.Add(snapshot, tag);
        ObjectDisposedException.ThrowIf(closed, this);
        var cleanup = ZfsDevice.OpenFile();
        nint errors = 0;
        var error = LibZfsCore.lzc_hold(list, cleanup.Number, &errors);
        Free(errors);
        if (error == 0)
        {
            return cleanup;
        }

        cleanup.Dispose();
        throw new NativeException("lzc_hold", snapshot, error);
    }

    /// <summary>lzc_get_holds(): the tags of a snapshot's holds.</summary>
    public IReadOnlyList<string> Holds(string snapshot)
    {
        ObjectDisposedException.ThrowIf(closed, this);
        nint holds = 0;
        fixed (byte* n = new ByteString(snapshot).Terminated)
        {
            Check(LibZfsCore.lzc_get_holds(n, &holds), "lzc_get_holds", snapshot);
        }

        using var list = NvList.Own(holds);
        return list.Names();
    }

    private void Call(string first, string second, string call, Func<nint, nint, int> function)
    {
        ObjectDisposedException.ThrowIf(closed, this);
        fixed (byte* a = new ByteString(first).Terminated, b = new ByteString(second).Terminated)
        {
            Check(function((nint)a, (nint)b), call, first);
        }
    }
}
