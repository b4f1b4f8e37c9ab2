using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace Kvol.Native;

/// <summary>The mounts of one mount namespace: /proc/PID/mountinfo, proc_pid_mountinfo(5).</summary>
internal sealed class MountTable
{
    private readonly Func<List<MountEntry>> read;
    private List<MountEntry>? entries;
    private Dictionary<ulong, MountEntry>? byId;

    /// <summary>A row's place is worked out when it is read, so it is where a renamed directory is now.</summary>
    public static bool FollowsRenames => true;

    private MountTable(Func<List<MountEntry>> read) => this.read = read;

    private MountTable(List<MountEntry> rows)
        : this(() => rows)
    {
    }

    /// <summary>In the kernel's order: a mount on top of another follows it.</summary>
    public IReadOnlyList<MountEntry> Entries => Rows;

    private List<MountEntry> Rows => entries ??= read();

    /// <summary>The table of this process.</summary>
    public static MountTable Read() => Parse(Files.ReadProc("/proc/self/mountinfo"));

    /// <summary>At least the mounts below an open directory, read when they are first asked for. However many other mounts there are, only
    /// these are described; where the kernel cannot list them alone, this is the whole table. The directory stays open as long as the table
    /// is used.</summary>
    public static MountTable Below(Fd directory) => new(() => MountListing.Below(directory) ?? Read().Rows);

    /// <summary>The same for another directory; the mounts that are known already are not read again.</summary>
    public MountTable Within(Fd directory) => entries is null || IsOfSomeMounts ? Below(directory) : this;

    /// <summary>The same mounts as they are now; a mount that was added since may be missing.</summary>
    public MountTable Again()
    {
        if (!IsOfSomeMounts)
        {
            return Read();
        }

        var rows = new List<MountEntry>(Rows.Count);
        foreach (var row in Rows)
        {
            if (!MountListing.Find(row.UniqueId, out var now))
            {
                return Read();
            }

            if (now is not null)
            {
                rows.Add(now);
            }
        }

        return new MountTable(rows);
    }

    /// <summary>The row of a mount, or null.</summary>
    public MountEntry? Find(ulong id)
    {
        if (byId is null)
        {
            byId = [];
            foreach (var entry in Rows)
            {
                byId[entry.Id] = entry;
            }
        }

        return byId.GetValueOrDefault(id);
    }

    /// <summary>Looks one mount up by its unique id; null when it is gone. False where the kernel cannot do that.</summary>
    public static bool Find(ulong uniqueId, out MountEntry? row)
    {
        row = null;
        return uniqueId != 0 && MountListing.Find(uniqueId, out row);
    }

    /// <summary>The row of the mount that an open object is seen through, looked up alone where the kernel can do that. It need not be in
    /// this table: it may be newer.</summary>
    public MountEntry? RowOf(Fd fd)
    {
        if (MountListing.Of(fd) is { } row)
        {
            return row;
        }

        var id = Files.Status(fd).MountId;
        return (IsOfSomeMounts ? null : Find(id)) ?? Read().Find(id);
    }

    /// <summary>The source of a mount, for people: a bind has no memory of the path it was made from, so that is looked up in the whole
    /// table.</summary>
    public static ByteString SourceOf(MountEntry entry) =>
        entry.UniqueId == 0 ? entry.Source : Read().Find(entry.Id)?.Source ?? entry.Source;

    private bool IsOfSomeMounts => Rows.Count == 0 || Rows[0].UniqueId != 0;

    /// <summary>The topmost mount exactly at a path, or null.</summary>
    public MountEntry? At(ByteString path) => Entries.LastOrDefault(e => e.Target.Equals(path));

    /// <summary>The mount that hides another one from every path, because it lies over the way there; null when none does. What lies on top
    /// of that mount itself is not meant.</summary>
    public MountEntry? CoverOf(MountEntry hidden)
    {
        for (MountEntry? on = hidden, below; on is not null && on.ParentId != on.Id; on = below)
        {
            // Of two mounts on one mount, the deeper was there first: made later, it would lie on the other.
            if (Entries.FirstOrDefault(e => e.ParentId == on.ParentId && e.Id != on.Id && e.Id != on.ParentId
                && on.Target.IsAtOrBelow(e.Target)) is { } cover)
            {
                return cover;
            }

            below = Find(on.ParentId);
        }

        return null;
    }

    /// <summary>What a mount of this open object would have as its <see cref="MountEntry.Origin"/>.</summary>
    public ByteString OriginOf(Fd fd) => OriginOf(RowOf(fd), Files.PathOf(fd));

    /// <summary>The same of the top directory of a file system that is nowhere in the table yet.</summary>
    public static ByteString OriginOf(in FileStatus top)
    {
        var device = top.Identity.Device;
        return Origin($"{DeviceNumber.Major(device)}:{DeviceNumber.Minor(device)}", []);
    }

    /// <summary>The same of an object whose mount and path are known.</summary>
    public static ByteString OriginOf(MountEntry? mount, ByteString path) => mount is not null && path.IsAtOrBelow(mount.Target)
        ? mount.Origin.Plus(mount.Target.Length == 1 && path.Length == 1 ? new ByteString("") : path.After(mount.Target))
        : throw new NativeException("mountinfo", path.ToString(), Errno.ENOENT, "its file system is not in the mount table");

    /// <summary>Reads the text of a mountinfo file.</summary>
    public static MountTable Parse(ReadOnlySpan<byte> text)
    {
        var entries = new List<MountEntry>();
        // 10 and at most 4 optional fields; a file system may put spaces into its options, which come last
        Span<Range> ranges = stackalloc Range[32];
        foreach (var range in text.Split((byte)'\n'))
        {
            var line = text[range];
            var count = 0;
            foreach (var field in line.Split((byte)' '))
            {
                if (count == ranges.Length)
                {
                    break;
                }

                ranges[count++] = field;
            }

            if (line.IsEmpty)
            {
                continue; // after the last line
            }

            var fields = ranges[..count];
            var dash = Math.Min(6, count);
            while (dash < count && line[fields[dash]] is not [(byte)'-'])
            {
                dash++;
            }

            // A row that is left out would be a mount that nobody sees.
            if (dash + 2 >= count || !ulong.TryParse(line[fields[0]], null, out var id)
                || !ulong.TryParse(line[fields[1]], null, out var parent))
            {
                throw new NativeException("mountinfo", ByteString.Display(line), Errno.EOVERFLOW, "is not a line of a mount table");
            }

            entries.Add(Row(
                id, parent, Encoding.ASCII.GetString(line[fields[2]]), Unescape(line[fields[3]]).Bytes,
                Unescape(line[fields[4]]), line[fields[dash + 1]], Unescape(line[fields[dash + 2]]), Flags(line[fields[5]])));
        }

        return new MountTable(NameSources(entries));
    }

    /// <summary>The table of rows that were read one by one, by their unique ids; in the order they were mounted.</summary>
    public static MountTable Of(Dictionary<ulong, (ulong Parent, MountEntry Entry)> rows) =>
        new(NameSources([.. rows.OrderBy(r => r.Key).Select(r => r.Value.Entry)]));

    /// <summary>One row. <paramref name="root"/> is what is mounted, as a path in its file system, which is on <paramref name="device"/>
    /// (MAJOR:MINOR); of NFS, the <paramref name="source"/> tells that path.</summary>
    public static MountEntry Row(
        ulong id, ulong parent, string device, ReadOnlySpan<byte> root, ByteString target, ReadOnlySpan<byte> type, ByteString source,
            MountFlags flags)
    {
        var deleted = root.EndsWith("//deleted"u8);
        root = deleted ? root[..^9] : NfsSource.Is(type) ? NfsSource.PathOf(source.Bytes) : root;
        var name = type.SequenceEqual("zfs"u8) ? "zfs" : ByteString.Display(type);
        return new MountEntry(id, parent, target, Origin(device, root.Length <= 1 ? [] : root), source, name, flags, deleted, name == "zfs"
            ? source : null);
    }

    /// <summary>Whether every mount has what it lies on in the table, but for those on the root directory.</summary>
    public bool HangsTogether =>
        At(new ByteString("/")) is not null && Entries.All(e => e.Target.Length == 1 || Find(e.ParentId) is not null);

    /// <summary>A bind has no memory of the path it was made from: it is said by the mount that shows the most of that file
    /// system.</summary>
    private static List<MountEntry> NameSources(List<MountEntry> entries)
    {
        var shown = new Dictionary<ByteString, MountEntry>();
        foreach (var entry in entries)
        {
            shown.TryAdd(entry.Origin, entry);
        }

        return [.. entries.Select(e =>
            Widest(e, shown) is { } widest ? e with { Source = widest.Target.Plus(e.Origin.After(widest.Origin)) } : e)];
    }

    private static MountEntry? Widest(MountEntry entry, Dictionary<ByteString, MountEntry> shown)
    {
        // Origin is DEVICE:PATH without a slash at the end: from the whole file system down to the directory above.
        var origin = entry.Origin.Bytes;
        for (var end = origin.IndexOf((byte)'/'); end >= 0 && end < origin.Length;)
        {
            if (shown.TryGetValue(new ByteString(origin[..end]), out var widest))
            {
                return widest;
            }

            var next = origin[(end + 1)..].IndexOf((byte)'/');
            end = next < 0 ? -1 : end + 1 + next;
        }

        return null;
    }

    private static ByteString Origin(string device, ReadOnlySpan<byte> path)
    {
        Span<byte> origin = stackalloc byte[device.Length + 1 + path.Length];
        Encoding.ASCII.GetBytes(device, origin);
        origin[device.Length] = (byte)':';
        path.CopyTo(origin[(device.Length + 1)..]);
        return new ByteString(origin);
    }

    private static MountFlags Flags(ReadOnlySpan<byte> options)
    {
        var flags = MountFlags.None;
        foreach (var range in options.Split((byte)','))
        {
            var option = options[range];
            flags |= option.SequenceEqual("ro"u8) ? MountFlags.ReadOnly
                : option.SequenceEqual("nosuid"u8) ? MountFlags.NoSuid
                : option.SequenceEqual("noexec"u8) ? MountFlags.NoExec
                : option.SequenceEqual("noatime"u8) ? MountFlags.NoAccessTime
                : option.SequenceEqual("nodev"u8) ? MountFlags.NoDevices
                : option.SequenceEqual("idmapped"u8) ? MountFlags.IdMapped
                : MountFlags.None;
        }

        return flags;
    }

    private static ByteString Unescape(ReadOnlySpan<byte> field)
    {
        Span<byte> bytes = stackalloc byte[field.Length];
        var length = 0;
        for (var i = 0; i < field.Length; i++)
        {
            if (field[i] == '\\' && i + 3 < field.Length)
            {
                bytes[length++] = (byte)(((field[i + 1] - '0') << 6) | ((field[i + 2] - '0') << 3) | (field[i + 3] - '0'));
                i += 3;
            }
            else
            {
                bytes[length++] = field[i];
            }
        }

        return new ByteString(bytes[..length]);
    }
}
