using System;
using System.Globalization;
using System.Text;

namespace Kvol.Native;

/// <summary>What the mount of NFS says of locks and of what this host remembers: nfs(5). flock(2) is a lock of the whole file at the
/// server, unless an option of the mount keeps it on this host.</summary>
internal static unsafe class NetworkFileSystem
{
    /// <summary>The mount that an open directory is seen through; null if it is not one of NFS. Only then the table is read.</summary>
    public static NetworkMount? Of(Fd directory)
    {
        Libc.Statfs s;
        Files.Check(Libc.fstatfs(directory.Number, &s), "fstatfs", directory);
        if (s.f_type != Libc.NFS_SUPER_MAGIC)
        {
            return null;
        }

        return Find(Files.ReadProc("/proc/self/mountinfo"), Files.Status(directory).MountId)
            ?? throw new NativeException("mountinfo", Files.PathOf(directory).ToString(), Errno.ENOENT,
                "its mount is not in the mount table");
    }

    /// <summary>The mount with an id in the text of mountinfo, proc_pid_mountinfo(5); null if no row has that id. Lines that are no rows
    /// are skipped.</summary>
    internal static NetworkMount? Find(ReadOnlySpan<byte> text, ulong id)
    {
        foreach (var range in text.Split((byte)'\n'))
        {
            var line = text[range];
            var space = line.IndexOf((byte)' ');
            var dash = line.IndexOf(" - "u8);
            if (space < 0 || dash < 0 || !ulong.TryParse(line[..space], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                || number != id)
            {
                continue;
            }

            // the type, the source, and the options of the file system, which may have spaces
            var words = Encoding.UTF8.GetString(line[(dash + 3)..]).Split(' ', 3);
            return words.Length < 3 ? null : Of(words[0], words[1], words[2].Split(','));
        }

        return null;
    }

    private static NetworkMount Of(string type, string source, string[] options)
    {
        // Without the lock manager (nolock) the kernel sets local_lock=all too, but says so only since 2.6.37.
        var nolock = Array.Exists(options, o => o == "nolock");
        var local = Array.Find(options, o => o is "local_lock=flock" or "local_lock=all");
        return new NetworkMount(type, source,
            nolock ? UnsafeOption.OfLocks("nolock", "the option lock in place of nolock, or vers=4.2")
                : local is not null ? UnsafeOption.OfLocks(local, "the option local_lock=none")
                : Array.Exists(options, o => o == "nocto") ? UnsafeOption.NoCto : null);
    }
}
