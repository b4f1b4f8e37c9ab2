using System;
using System.Collections.Generic;
using System.Linq;

namespace Kvol.Native;

/// <summary>The mount namespaces in which some process or thread lives, mount_namespaces(7), and their tables.</summary>
internal static class MountNamespaces
{
    /// <summary>The complete table of each namespace, including this process's own, even if the processes in it see only a part because of
    /// chroot(2). Processes that end concurrently are skipped; an error names the process whose namespace cannot be read
    /// completely.</summary>
    public static IReadOnlyList<NamespaceMounts> ReadAll()
    {
        var tables = new Dictionary<ByteString, NamespaceMounts>();
        var hidden = new List<int>();
        ThreadTable.Sweep((_, thread, seen) =>
        {
            if (!ThreadTable.ShareDirectories(seen, thread))
            {
                Add(tables, thread, hidden);
            }
        });
        foreach (var thread in hidden)
        {
            RequireKnown(thread, tables.Values);
        }

        return [.. tables.Values];
    }

    private static void Add(Dictionary<ByteString, NamespaceMounts> tables, int thread, List<int> hidden)
    {
        try
        {
            var path = new ByteString($"/proc/{thread}/ns/mnt");
            if (tables.ContainsKey(Files.ReadSymbolicLink(Files.Here, path)))
            {
                return;
            }

            using var entrance = Files.OpenRead(path);
            var name = Files.PathOf(entrance); // the thread may have left it
            if (!tables.ContainsKey(name))
            {
                tables[name] = new NamespaceMounts(thread, MountListing.Read(entrance) ?? Visit(entrance, thread));
            }
        }
        catch (NativeException e) when (e.Failure == Failure.NotPermitted && e.Call is "readlinkat" or "open")
        {
            hidden.Add(thread); // it has privileges that this process lacks, ptrace(2)
        }
    }

    private static MountTable Visit(Fd entrance, int thread)
    {
        var subject = ProcessTable.Describe(thread);
        var table = MountTable.Parse(NamespaceVisit.ReadMountInfo(entrance, subject));
        return table.HangsTogether ? table
            : throw new NativeException("mountinfo", subject, Errno.ENOENT, "the table of its mount namespace is not whole");
    }

    // Everybody may read the thread's mountinfo. An id of a mount occurs in one namespace only, so one known id suffices.
    private static void RequireKnown(int thread, IEnumerable<NamespaceMounts> known)
    {
        try
        {
            var shown = MountTable.Parse(SmallFile.Read(new ByteString($"/proc/{thread}/mountinfo")));
            if (!shown.Entries.Any(e => known.Any(n => n.Table.Find(e.Id) is not null)))
            {
                throw new NativeException("readlink", ProcessTable.Describe(thread), Errno.EPERM,
                    "its mount namespace cannot be looked into");
            }
        }
        catch (NativeException e) when (e.Failure is Failure.NotFound or Failure.Gone or Failure.Invalid)
        {
            // it ended
        }
    }
}
