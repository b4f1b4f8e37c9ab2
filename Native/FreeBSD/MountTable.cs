using System.Collections.Generic;
using System.Linq;

namespace Kvol.Native;

/// <summary>The mounts that this process sees: getfsstat(2).</summary>
internal sealed unsafe class MountTable
{
    private MountTable(List<MountEntry> entries) => Entries = entries;

    /// <summary>In the kernel's order, getfsstat(2): a mount on top of another follows it.</summary>
    public IReadOnlyList<MountEntry> Entries { get; }

    /// <summary>The table now, getfsstat(2) with MNT_NOWAIT: a dead network file system must not hang it.</summary>
    public static MountTable Read()
    {
        var count = Libc.getfsstat(null, 0, Libc.MNT_NOWAIT);
        Files.Check(count, "getfsstat", Fd.None, ""u8.ToName());
        while (true)
        {
            var rows = new Libc.Statfs[count + 16];
            fixed (Libc.Statfs* r = rows)
            {
                count = Libc.getfsstat(r, (long)rows.Length * sizeof(Libc.Statfs), Libc.MNT_NOWAIT);
                Files.Check(count, "getfsstat", Fd.None, ""u8.ToName());
                if (count < rows.Length)
                {
                    return Parse(r, count);
                }
            }
        }
    }

    /// <summary>The row of a mount by its f_fsid, statfs(2), or null.</summary>
    public MountEntry? Find(ulong id) => Entries.FirstOrDefault(e => e.Id == id);

    /// <summary>The topmost mount exactly at a path (f_mntonname of statfs(2)), or null.</summary>
    public MountEntry? At(ByteString path) => Entries.LastOrDefault(e => e.Target.Equals(path));

    /// <summary>What a mount of this open object would have as its <see cref="MountEntry.Origin"/>: its path, which is what mount_nullfs(8) and
    /// kvol give the kernel to record.</summary>
    public ByteString OriginOf(Fd fd)
    {
        var path = Files.PathOf(fd);
        return Find(FileSystem.Id(fd)) is not null ? path
            : throw new NativeException("getfsstat", path.ToString(), Errno.ENOENT, "its file system is not in the mount table");
    }

    private static MountTable Parse(Libc.Statfs* rows, int count)
    {
        var entries = new List<MountEntry>(count);
        for (var i = 0; i < count; i++)
        {
            var row = rows + i;
            var id = FileSystem.Id(*row);
            var target = FileSystem.Text(row->f_mntonname, Libc.MNAMELEN);
            var source = FileSystem.Text(row->f_mntfromname, Libc.MNAMELEN);
            var type = FileSystem.Text(row->f_fstypename, Libc.MFSNAMELEN).ToString();
            var bind = type == Host.BindType;

            // The table does not say what a mount lies on: it is the longest place before it, the last one where several have it.
            var parent = Owner(entries, target);
            entries.Add(new MountEntry(
                id, parent?.Id ?? 0, target, bind ? source : target, source, type, Flags(row->f_flags), bind && FileSystem.IsRemoved(target, id),
                type == "zfs" ? source : bind ? Owner(entries, source)?.Dataset : null));
        }

        return new MountTable(entries);
    }

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

    private static MountFlags Flags(ulong flags) =>
        ((flags & Libc.MNT_RDONLY) != 0 ? MountFlags.ReadOnly : 0)
        | ((flags & Libc.MNT_NOSUID) != 0 ? MountFlags.NoSuid : 0)
        | ((flags & Libc.MNT_NOEXEC) != 0 ? MountFlags.NoExec : 0)
        | ((flags & Libc.MNT_NOATIME) != 0 ? MountFlags.NoAccessTime : 0);
}
