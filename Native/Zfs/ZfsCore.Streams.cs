using System;

namespace Kvol.Native;

/// <summary>What libzfs_core does with streams and keys.</summary>
internal sealed unsafe partial class ZfsCore
{
    /// <summary>lzc_send() to a pipe, with blocks compressed and of the size that they have on disk; incremental when
    /// <paramref name="from"/> is not null. <see cref="Failure.CrossDevice"/> when that is not an earlier snapshot of the same dataset. The
    /// stream never has embedded blocks: do_dump() of module/zfs/dmu_send.c writes an embedded block of extended attributes as one of the
    /// file's content, which loses the attributes. A raw stream of an unencrypted dataset would have embedded blocks, so
    /// <paramref name="raw"/> is for encrypted datasets only.</summary>
    public void Send(string snapshot, string? from, bool raw, Fd target)
    {
        ObjectDisposedException.ThrowIf(closed, this);
        var flags = LibZfsCore.LZC_SEND_FLAG_LARGE_BLOCK | LibZfsCore.LZC_SEND_FLAG_COMPRESS | (raw ? LibZfsCore.LZC_SEND_FLAG_RAW : 0);
        fixed (byte* s = new ByteString(snapshot).Terminated, f = new ByteString(from ?? "").Terminated)
        {
            Check(LibZfsCore.lzc_send(s, from is null ? null : f, target.Number, flags), "lzc_send", snapshot);
        }
    }

    /// <summary>lzc_load_key(): <see cref="Failure.NotPermitted"/> for a wrong key, <see cref="Failure.Exists"/> when it is
    /// loaded.</summary>
    public void LoadKey(string dataset, byte[] key)
    {
        ObjectDisposedException.ThrowIf(closed, this);
        fixed (byte* n = new ByteString(dataset).Terminated, k = key)
        {
            Check(LibZfsCore.lzc_load_key(n, 0, k, (uint)key.Length), "lzc_load_key", dataset);
        }
    }

    /// <summary>lzc_unload_key(): <see cref="Failure.Busy"/> while a dataset that uses it is mounted.</summary>
    public void UnloadKey(string dataset)
    {
        ObjectDisposedException.ThrowIf(closed, this);
        fixed (byte* n = new ByteString(dataset).Terminated)
        {
            Check(LibZfsCore.lzc_unload_key(n), "lzc_unload_key", dataset);
        }
    }

    /// <summary>lzc_receive_with_header(): receives a stream atomically; its first record is <paramref name="begin"/>, and the rest comes
    /// from <paramref name="source"/>. With <paramref name="keep"/>, ZFS keeps the part of an interrupted stream, and a stream that
    /// zfs-send(8) makes with its token resumes there. The properties are for a new dataset; null for an existing one, because any list
    /// replaces all properties that it received before (zfs_ioc_recv_impl() of module/zfs/zfs_ioctl.c).</summary>
    public void Receive(string snapshot, NvList? properties, bool raw, bool keep, Fd source, ReadOnlySpan<byte> begin)
    {
        ObjectDisposedException.ThrowIf(closed, this);
        fixed (byte* s = new ByteString(snapshot).Terminated, b = begin)
        {
            Check(LibZfsCore.lzc_receive_with_header(s, properties?.DangerousGetHandle() ?? 0, null, 0, keep ? 1 : 0, raw ? 1
                : 0, source.Number, b), "lzc_receive", snapshot);
        }

        GC.KeepAlive(properties);
    }
}
