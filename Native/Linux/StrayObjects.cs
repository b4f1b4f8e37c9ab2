using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;

namespace Kvol.Native;

/// <summary>Objects that processes hold on mounts in no mount table: mounts that umount(8) -l detached, or that a descriptor keeps after
/// their namespace ended.</summary>
internal static unsafe class StrayObjects
{
    /// <summary>Objects in the tree at <paramref name="top"/> that processes hold on mounts in none of <paramref name="tables"/>: working
    /// and root directories, and open files and directories. At most one for each process. Processes whose descriptors kvol may not see are
    /// skipped.</summary>
    public static IReadOnlyList<HeldObject> Within(Fd top, IReadOnlyList<NamespaceMounts> tables) =>
        Find(new Search(top, tables.SelectMany(t => t.Table.Entries).Select(e => e.Id).ToHashSet()));

    /// <summary>The same for objects on any mount. Where the file system has no file handles, only those whose paths lie in the tree are
    /// found.</summary>
    public static IReadOnlyList<HeldObject> WithinAny(Fd top) => Find(new Search(top, null));

    private static List<HeldObject> Find(Search search)
    {
        ThreadTable.Sweep(search.Visit);
        return search.Found;
    }

    private sealed class Search(Fd top, HashSet<ulong>? known)
    {
        private readonly FilePlace home = Files.Place(top, CName.Empty);
        private readonly ByteString path = Files.PathOf(top);
        private readonly DirectoryReader reader = new();

        public List<HeldObject> Found { get; } = [];

        /// <summary>Looks at a thread; <paramref name="seen"/> is one of the same process that was looked at before.</summary>
        public void Visit(int pid, int thread, int? seen)
        {
            try
            {
                if (pid != ProcessTable.Self && !Found.Exists(f => f.Pid == pid) && PlaceIn(thread, seen) is { } place)
                {
                    Found.Add(new HeldObject(pid, place));
                }
            }
            catch (NativeException e) when (e.Failure == Failure.NotPermitted)
            {
                // it has privileges that this process lacks, ptrace(2)
            }
        }

        private string? PlaceIn(int thread, int? seen)
        {
            using var process = Files.OpenDirectory(new ByteString($"/proc/{thread}"));
            if (!ThreadTable.ShareDirectories(seen, thread))
            {
                if (IsStray(process, CName.Of("cwd\0"u8)))
                {
                    return "cwd";
                }

                if (IsStray(process, CName.Of("root\0"u8)))
                {
                    return "root";
                }
            }

            return ThreadTable.ShareDescriptors(seen, thread) ? null : DescriptorIn(process);
        }

        private string? DescriptorIn(Fd process)
        {
            using var descriptors = Files.OpenDirectory(process, CName.Of("fd\0"u8));
            reader.Start(descriptors);
            while (reader.MoveNext())
            {
                if (IsStray(descriptors, reader.Name))
                {
                    return $"descriptor {new ByteString(reader.Name.Bytes)}";
                }
            }

            return null;
        }

        // Most are on another file system, or on a mount of a table: one call each, and neither a network nor a FUSE server is asked.
        private bool IsStray(Fd at, CName name)
        {
            fixed (byte* n = name.Terminated)
            {
                if (!IsElsewhere(at, n, 0, out var mount))
                {
                    return false;
                }

                if (mount == home.Mount)
                {
                    return IsLinkBelowTop(at, name); // on the mount of the tree its path says where it is
                }

                using var held = new Fd(Libc.openat(at.Number, n, Libc.O_PATH | Libc.O_CLOEXEC, 0));
                fixed (byte* empty = "\0"u8)
                {
                    return held.IsOpen && IsElsewhere(held, empty, Libc.AT_EMPTY_PATH, out _) && IsBelowTop(held, empty);
                }
            }
        }

        private bool IsElsewhere(Fd at, byte* name, int flags, out ulong mount)
        {
            Libc.Statx s;
            var isRead = Libc.statx(at.Number, name, flags | Libc.AT_NO_AUTOMOUNT | Libc.AT_STATX_DONT_SYNC,
                Libc.STATX_INO | Libc.STATX_MNT_ID, &s) == 0;
            mount = isRead ? s.stx_mnt_id : 0;
            return isRead && DeviceNumber.Make(s.stx_dev_major, s.stx_dev_minor) == home.Identity.Device
                && known?.Contains(mount) != true;
        }

        private bool IsLinkBelowTop(Fd at, CName name)
        {
            try
            {
                return Files.ReadSymbolicLink(at, name).IsAtOrBelow(path);
            }
            catch (NativeException e) when (e.Failure == Failure.NotFound)
            {
                return false; // the process closed it
            }
        }

        // A path on a detached mount, or in another namespace, says nothing. So kvol looks the object up by its file handle on the mount of
        // the tree. Where that is impossible, an object on a detached mount counts as inside.
        private bool IsBelowTop(Fd held, byte* empty)
        {
            int mount;
            var handle = new Libc.FileHandle { handle_bytes = Libc.MAX_HANDLE_SZ };
            if (Libc.name_to_handle_at(held.Number, empty, &handle, &mount, Libc.AT_EMPTY_PATH) < 0)
            {
                return known is not null || Files.PathOf(held).IsAtOrBelow(path);
            }

            using var again = new Fd(Libc.open_by_handle_at(top.Number, &handle, Libc.O_PATH | Libc.O_CLOEXEC));
            // ESTALE: it was removed
            return again.IsOpen ? Files.PathOf(again).IsAtOrBelow(path) : Marshal.GetLastPInvokeError() != Errno.ESTALE;
        }
    }
}
