using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace Kvol.Native;

/// <summary>What libzfs_core does with snapshots and names.</summary>
internal sealed unsafe partial class ZfsCore
{
    /// <summary>lzc_snapshot(): all of them in one transaction group, or none, with these user properties. The subject of a failure is the
    /// snapshot that cannot be made, if the kernel names one.</summary>
    public void Snapshot(IEnumerable<string> snapshots, IEnumerable<(string Property, string Value)> properties, string subject)
    {
        using var list = new NvList();
        using var values = new NvList();
        foreach (var snapshot in snapshots)
        {
            list.Add(snapshot, value: (ulong?)null);
        }

        foreach (var (property, value) in properties)
        {
            values.Add(property, value);
        }

        ObjectDisposedException.ThrowIf(closed, this);
        nint errors = 0;
        var error = LibZfsCore.lzc_snapshot(list, values, &errors);
        using var failed = errors == 0 ? null : NvList.Own(errors);
        Check(error, "lzc_snapshot", failed?.Names() is [var first, ..] ? first : subject);
    }

    /// <summary>lzc_channel_program(): runs a program in one transaction group. The program returns "", or the errno and the name of the
    /// dataset that failed, which are thrown.</summary>
    public void Run(string pool, string program, params (string Name, IReadOnlyList<string> Values)[] arguments)
    {
        using var list = new NvList();
        foreach (var (name, values) in arguments)
        {
            list.Add(name, values);
        }

        ObjectDisposedException.ThrowIf(closed, this);
        nint output = 0;
        int error;
        fixed (byte* p = new ByteString(pool).Terminated, text = new ByteString(program).Terminated)
        {
            error = LibZfsCore.lzc_channel_program(p, text, LibZfsCore.ZCP_DEFAULT_INSTRLIMIT, LibZfsCore.ZCP_DEFAULT_MEMLIMIT, list,
                &output);
        }

        using var result = output == 0 ? null : NvList.Own(output);
        var answer = result is null ? null : new PackedList(result.Pack());
        if (error != 0)
        {
            throw new NativeException("lzc_channel_program", pool, error, answer?.Text("error"));
        }

        if (answer?.Text("return") is { Length: > 0 } failed && failed.Split(' ', 2) is [var number, var dataset])
        {
            throw new NativeException("lzc_channel_program", dataset, int.Parse(number, CultureInfo.InvariantCulture));
        }
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
