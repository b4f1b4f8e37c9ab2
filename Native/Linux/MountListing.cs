using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;

namespace Kvol.Native;

/// <summary>The mounts of a namespace as listmount(2) and statmount(2) report them, seen from the namespace's own root directory, not the
/// caller's. They accept the id of a namespace since Linux 6.11 and report the source of a mount since 6.13.</summary>
internal static unsafe class MountListing
{
    private const int Batch = 256;

    private const ulong Wanted = Libc.STATMOUNT_SB_BASIC | Libc.STATMOUNT_MNT_BASIC | Libc.STATMOUNT_MNT_ROOT | Libc.STATMOUNT_MNT_POINT
        | Libc.STATMOUNT_FS_TYPE
        | Libc.STATMOUNT_SB_SOURCE;

    // A row needs these. A mount hidden below the root of its namespace has no mount point, and a source may be empty.
    private const ulong Needed = Libc.STATMOUNT_SB_BASIC | Libc.STATMOUNT_MNT_BASIC | Libc.STATMOUNT_MNT_ROOT | Libc.STATMOUNT_FS_TYPE;

    /// <summary>The table of the namespace that a descriptor of ns/mnt names; null where this kernel, or the confinement of this process,
    /// does not show all of it.</summary>
    public static MountTable? Read(Fd mountNamespace)
    {
        ulong id;
        if (Libc.ioctl(mountNamespace.Number, Libc.NS_GET_MNTNS_ID, (nint)(&id)) < 0)
        {
            return null;
        }

        var rows = new Dictionary<ulong, (ulong Parent, MountEntry Entry)>();
        var buffer = GC.AllocateUninitializedArray<byte>(4096);
        var sources = false;

        // The root mount may cover another mount, which has mounts of its own. So this goes up to the mount that is its own parent.
        for (var top = Libc.LSMT_ROOT; ;)
        {
            if (List(id, top) is not { } ids)
            {
                return null;
            }

            ids.Add(top);
            foreach (var mount in ids)
            {
                if (mount == Libc.LSMT_ROOT || rows.ContainsKey(mount))
                {
                    continue;
                }

                if (!Describe(id, mount, ref buffer, out var parent, out var entry, out var source))
                {
                    return null;
                }

                sources |= source;
                if (entry is not null)
                {
                    rows[mount] = (parent, entry);
                }
            }

            if (Above(rows) is not { } above)
            {
                return sources ? MountTable.Of(rows) : null;
            }

            top = above;
        }
    }

    /// <summary>The rows of the mounts below an open directory, which need not be a mount point; null where this kernel, or the confinement
    /// of this process, does not tell.</summary>
    public static List<MountEntry>? Below(Fd directory) =>
        RootVisit.In(directory, () => List(0, Libc.LSMT_ROOT)) is { } ids ? Rows(ids) : null;

    /// <summary>The row of the mount that an open object is seen through; null where the kernel does not tell.</summary>
    public static MountEntry? Of(Fd fd) =>
        MountState.UniqueId(fd) is not 0 and var mount && Find(mount, out var entry) ? entry : null;

    /// <summary>The row of one mount of this namespace by its unique id, null when it is gone. False where the kernel does not
    /// tell.</summary>
    public static bool Find(ulong mount, out MountEntry? entry)
    {
        var buffer = GC.AllocateUninitializedArray<byte>(4096);
        return FindIn(ref buffer, mount, out entry);
    }

    private static bool FindIn(ref byte[] buffer, ulong mount, out MountEntry? entry)
    {
        if (!Describe(0, mount, ref buffer, out _, out entry, out var source))
        {
            return false;
        }

        entry = entry is null ? null : entry with { UniqueId = mount };
        return source || (entry?.Dataset is null && !NfsSource.Is(entry?.FileSystem)); // it names what is mounted, since Linux 6.13
    }

    private static List<MountEntry>? Rows(List<ulong> ids)
    {
        var rows = new List<MountEntry>(ids.Count);
        var buffer = GC.AllocateUninitializedArray<byte>(4096);
        foreach (var id in ids)
        {
            if (!FindIn(ref buffer, id, out var entry))
            {
                return null;
            }

            if (entry is not null)
            {
                rows.Add(entry);
            }
        }

        return rows;
    }

    // A parent that is missing in the table; null when the table has the parent of every row.
    private static ulong? Above(Dictionary<ulong, (ulong Parent, MountEntry Entry)> rows)
    {
        foreach (var (_, (parent, _)) in rows)
        {
            if (!rows.ContainsKey(parent))
            {
                return parent;
            }
        }

        return null;
    }

    private static List<ulong>? List(ulong mountNamespace, ulong below)
    {
        var ids = new List<ulong>();
        var batch = stackalloc ulong[Batch];
        var request = new Libc.MountIdRequest { size = (uint)sizeof(Libc.MountIdRequest), mnt_id = below, mnt_ns_id = mountNamespace };
        while (true)
        {
            var count = Libc.listmount(&request, batch, Batch, 0);
            if (count < 0)
            {
                return null;
            }

            ids.AddRange(new ReadOnlySpan<ulong>(batch, (int)count));
            if (count < Batch)
            {
                return ids;
            }

            request.param = batch[count - 1];
        }
    }

    // False where the kernel does not say; no entry when the mount is already gone.
    private static bool Describe(ulong mountNamespace, ulong mount, ref byte[] buffer, out ulong parent, out MountEntry? entry,
        out bool source)
    {
        (parent, entry, source) = (0, null, false);
        var request = new Libc.MountIdRequest
        {
            size = (uint)sizeof(Libc.MountIdRequest),
            mnt_id = mount,
            param = Wanted,
            mnt_ns_id = mountNamespace
        };
        while (true)
        {
            fixed (byte* b = buffer)
            {
                if (Libc.statmount(&request, b, (nuint)buffer.Length, 0) == 0)
                {
                    var s = (Libc.StatMount*)b;
                    parent = s->mnt_parent_id;
                    source = (s->mask & Libc.STATMOUNT_SB_SOURCE) != 0;
                    entry = (s->mask & Needed) == Needed ? Entry(s, buffer.AsSpan(sizeof(Libc.StatMount))) : null;
                    return entry is not null;
                }
            }

            var errno = Marshal.GetLastPInvokeError();
            if (errno != Errno.EOVERFLOW)
            {
                return errno == Errno.ENOENT;
            }

            buffer = new byte[buffer.Length * 2];
        }
    }

    private static MountEntry Entry(Libc.StatMount* s, ReadOnlySpan<byte> texts)
    {
        var place = (s->mask & Libc.STATMOUNT_MNT_POINT) != 0 ? Text(texts, s->mnt_point) : "(covered)"u8;
        var source = (s->mask & Libc.STATMOUNT_SB_SOURCE) != 0 ? Text(texts, s->sb_source) : [];
        return MountTable.Row(
            s->mnt_id_old, s->mnt_parent_id_old, $"{s->sb_dev_major}:{s->sb_dev_minor}", Text(texts, s->mnt_root), new ByteString(place),
                Text(texts, s->fs_type),
            new ByteString(source), Flags(s->mnt_attr));
    }

    private static MountFlags Flags(ulong attributes) =>
        ((attributes & Libc.MOUNT_ATTR_RDONLY) != 0 ? MountFlags.ReadOnly : 0)
        | ((attributes & Libc.MOUNT_ATTR_NOSUID) != 0 ? MountFlags.NoSuid : 0)
        | ((attributes & Libc.MOUNT_ATTR_NODEV) != 0 ? MountFlags.NoDevices : 0)
        | ((attributes & Libc.MOUNT_ATTR_NOEXEC) != 0 ? MountFlags.NoExec : 0)
        | ((attributes & Libc.MOUNT_ATTR_IDMAP) != 0 ? MountFlags.IdMapped : 0)
        | ((attributes & Libc.MOUNT_ATTR__ATIME) == Libc.MOUNT_ATTR_NOATIME ? MountFlags.NoAccessTime : 0);

    private static ReadOnlySpan<byte> Text(ReadOnlySpan<byte> texts, uint offset) => CName.First(texts[(int)offset..]).Bytes;
}
