using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Linq;

namespace Kvol.Native;

/// <summary>One record of getfsstat(2): f_fsid, f_fstypename, f_mntfromname, f_mntonname and f_flags of statfs(2).</summary>
internal sealed record MountRow(ulong Id, string Type, ByteString From, ByteString On, MountFlags Flags);

/// <summary>The mounts that this process sees: getfsstat(2).</summary>
internal sealed unsafe class MountTable
{
    // Most hosts have fewer mounts; then one call reads the table.
    private const int UsualRoom = 128;

    /// <summary>f_mntonname of statfs(2) is the path that was given to nmount(2), whatever is renamed later.</summary>
    public static bool FollowsRenames => false;

    private MountTable(List<MountEntry> entries) => Entries = entries;

    /// <summary>In the kernel's order, getfsstat(2): a mount on top of another follows it.</summary>
    public IReadOnlyList<MountEntry> Entries { get; }

    /// <summary>The table now.</summary>
    public static MountTable Read() => Of(Rows(), FileSystem.IsRemoved);

    /// <summary>The table now: getfsstat(2) shows all mounts with one call.</summary>
    public static MountTable Below(Fd directory)
    {
        _ = directory;
        return Read();
    }

    /// <summary>This table, because it has every mount.</summary>
    public MountTable Within(Fd directory)
    {
        _ = directory;
        return this;
    }

    /// <summary>The table now.</summary>
    [SuppressMessage("Performance", "CA1822", Justification = "Linux looks at the rows.")]
    public MountTable Again() => Read();

    /// <summary>False: mounts have no such number.</summary>
    public static bool Find(ulong uniqueId, out MountEntry? row)
    {
        _ = uniqueId;
        row = null;
        return false;
    }

    /// <summary>The row of the mount that an open object is seen through, or null. It need not be in this table: it may be
    /// newer.</summary>
    public MountEntry? RowOf(Fd fd) => FileSystem.Id(fd) is var id && Find(id) is { } row ? row : Read().Find(id);

    /// <summary>The source of a mount, for people.</summary>
    public static ByteString SourceOf(MountEntry entry) => entry.Source;

    /// <summary>The records now, getfsstat(2) with MNT_NOWAIT: a dead network file system must not hang it.</summary>
    public static List<MountRow> Rows()
    {
        for (var room = UsualRoom; ; room *= 4)
        {
            var records = GC.AllocateUninitializedArray<Libc.Statfs>(room); // the kernel touches only what it fills
            fixed (Libc.Statfs* r = records)
            {
                var count = Libc.getfsstat(r, (long)room * sizeof(Libc.Statfs), Libc.MNT_NOWAIT);
                Files.Check(count, "getfsstat", Fd.None);
                if (count < room)
                {
                    return Rows(records.AsSpan(0, count));
                }
            }
        }
    }

    /// <summary>The row of a mount by its f_fsid, statfs(2), or null.</summary>
    public MountEntry? Find(ulong id) => Entries.FirstOrDefault(e => e.Id == id);

    /// <summary>The topmost mount exactly at a path (f_mntonname of statfs(2)), or null.</summary>
    public MountEntry? At(ByteString path) => Entries.LastOrDefault(e => e.Target.Equals(path));

    /// <summary>Always null: unmount(2) with MNT_BYFSID takes a mount by its id, whatever covers it.</summary>
    [SuppressMessage("Performance", "CA1822", Justification = "Linux looks at the rows.")]
    public MountEntry? CoverOf(MountEntry hidden) => null;

    /// <summary>The <see cref="MountEntry.Origin"/> that a mount of this open object would have: its path, which mount_nullfs(8) and kvol
    /// pass to the kernel, resolved through every nullfs(5) mount that contains it.</summary>
    public ByteString OriginOf(Fd fd) => OriginOf(RowOf(fd), Files.PathOf(fd));

    /// <summary>The same of an object whose mount and path are known.</summary>
    public static ByteString OriginOf(MountEntry? mount, ByteString path) => mount is not null ? Through(mount, path)
        : throw new NativeException("getfsstat", path.ToString(), Errno.ENOENT, "its file system is not in the mount table");

    /// <summary>What getfsstat(2) wrote.</summary>
    internal static List<MountRow> Rows(ReadOnlySpan<Libc.Statfs> records)
    {
        var rows = new List<MountRow>(records.Length);
        fixed (Libc.Statfs* first = records)
        {
            for (var i = 0; i < records.Length; i++)
            {
                var record = first + i;
                rows.Add(new MountRow(
                    FileSystem.Id(*record), FileSystem.Text(record->f_fstypename, Libc.MFSNAMELEN).ToString(),
                    FileSystem.Text(record->f_mntfromname, Libc.MNAMELEN), FileSystem.Text(record->f_mntonname, Libc.MNAMELEN),
                    Flags(record->f_flags)));
            }
        }

        return rows;
    }

    /// <summary>Makes a table of the rows; <paramref name="isRemoved"/> says whether the source of the mount at that path, with that id,
    /// was removed.</summary>
    internal static MountTable Of(List<MountRow> rows, Func<ByteString, ulong, bool> isRemoved)
    {
        var entries = new List<MountEntry>(rows.Count);
        foreach (var row in rows)
        {
            var bind = row.Type == Host.BindType;

            // The table does not name a mount's parent. It is the earlier row with the longest path at or above this one, the last of
            // several.
            var parent = Owner(entries, row.On);
            var lower = bind ? Owner(entries, row.From) : null;

            // Without a refresh the kernel reports only a mount's own flags, but those of the mount below also apply to nullfs
            // (nullfs_statfs).
            var flags = row.Flags | (lower?.Flags ?? MountFlags.None);
            var origin = !bind ? row.On : lower is null ? row.From : Through(lower, row.From);
            entries.Add(new MountEntry(
                row.Id, parent?.Id ?? 0, row.On, origin, bind ? origin : row.From, row.Type, flags, bind
                    && isRemoved(row.On, row.Id),
                row.Type == "zfs" ? row.From : lower?.Dataset));
        }

        // A staging mount is part of the mount on top of it: kvol makes and undoes both together.
        entries.RemoveAll(e => Staging.IsStaging(e.Target) && rows.Any(r => r.From.Equals(e.Target)));
        return new MountTable(entries);
    }

    // The source path of a path in a mount: in a nullfs mount it lies below the mount's own source.
    private static ByteString Through(MountEntry entry, ByteString path) =>
        entry.FileSystem == Host.BindType && path.IsAtOrBelow(entry.Target) ? entry.Origin.Plus(path.After(entry.Target)) : path;

    private static MountEntry? Owner(List<MountEntry> before, ByteString path)
    {
        MountEntry? owner = null;
        foreach (var entry in before)
        {
            if (path.IsAtOrBelow(entry.Target) && (owner is null || entry.Target.Length >= owner.Target.Length))
            {
                owner = entry;
            }
        }

        return owner;
    }

    /// <summary>f_flags of statfs(2).</summary>
    internal static MountFlags Flags(ulong flags) =>
        ((flags & Libc.MNT_RDONLY) != 0 ? MountFlags.ReadOnly : 0)
        | ((flags & Libc.MNT_NOSUID) != 0 ? MountFlags.NoSuid : 0)
        | ((flags & Libc.MNT_NOEXEC) != 0 ? MountFlags.NoExec : 0)
        | ((flags & Libc.MNT_NOATIME) != 0 ? MountFlags.NoAccessTime : 0);
}
