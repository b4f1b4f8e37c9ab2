using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace Kvol.Native;

/// <summary>Other processes, by proc(5): whether they live, what they hold, and the mount namespaces they are in.</summary>
internal static class ProcessTable
{
    /// <summary>The number of this process.</summary>
    public static int Self => Environment.ProcessId;

    /// <summary>kill(2) with signal 0.</summary>
    public static bool IsAlive(int pid) => Libc.kill(pid, 0) == 0;

    /// <summary>A short name for people.</summary>
    public static string NameOf(int pid)
    {
        try
        {
            return ByteString.Display(SmallFile.Read(new ByteString($"/proc/{pid}/comm")).AsSpan().TrimEnd((byte)'\n'));
        }
        catch (NativeException)
        {
            return "?";
        }
    }

    /// <summary>Processes with a working directory, root, program or open file at or below a path.</summary>
    public static IEnumerable<int> HoldersOf(ByteString path)
    {
        foreach (var pid in Pids())
        {
            if (pid != Self && Holds(pid, path))
            {
                yield return pid;
            }
        }
    }

    /// <summary>The mount tables of every other mount namespace, and of every chroot, in which some process lives; it may come to this process's own again. Processes that end while
    /// being read are passed over; one that cannot be read is an error, because a mount could hide there.</summary>
    public static IEnumerable<MountTable> OtherMountTables()
    {
        var seen = new HashSet<string> { Namespace("self")! };
        foreach (var thread in Pids().SelectMany(Threads))
        {
            MountTable? table = null;
            try
            {
                if (seen.Add(Namespace(thread) ?? thread))
                {
                    table = MountTable.Parse(SmallFile.Read(new ByteString($"/proc/{thread}/mountinfo")));
                }
            }
            catch (NativeException e) when (e.Failure is Failure.NotFound or Failure.Gone or Failure.Invalid)
            {
                continue;
            }

            if (table is not null)
            {
                yield return table;
            }
        }
    }

    // mountinfo shows only what lies below the reader's root directory, so a chroot counts as a table of its own.
    // Null when the process has privileges that this one lacks (ptrace(2)): its table may still be open to reading.
    private static string? Namespace(string thread)
    {
        try
        {
            return $"{Link(thread, "ns/mnt")} {Link(thread, "root")}";
        }
        catch (NativeException e) when (e.Failure == Failure.NotPermitted)
        {
            return null;
        }
    }

    private static string Link(string thread, string what) => Files.ReadSymbolicLink(Files.Here, new ByteString($"/proc/{thread}/{what}")).ToString();

    private static bool Holds(int pid, ByteString path)
    {
        try
        {
            foreach (var what in (string[])["cwd", "root", "exe"])
            {
                if (Files.ReadSymbolicLink(Files.Here, new ByteString($"/proc/{pid}/{what}")).IsAtOrBelow(path))
                {
                    return true;
                }
            }
        }
        catch (NativeException)
        {
            return false; // gone, or a kernel thread
        }

        try
        {
            using var directory = Files.OpenDirectory(new ByteString($"/proc/{pid}/fd"));
            var reader = new DirectoryReader();
            reader.Start(directory);
            while (reader.MoveNext())
            {
                if (Files.ReadSymbolicLink(directory, reader.Name).IsAtOrBelow(path))
                {
                    return true;
                }
            }
        }
        catch (NativeException)
        {
            // it ended meanwhile
        }

        return false;
    }

    private static List<int> Pids() => Numbers("/proc");

    // unshare(2) is of a thread: each may have a mount namespace of its own.
    private static IEnumerable<string> Threads(int pid)
    {
        try
        {
            return Numbers($"/proc/{pid}/task").Select(t => $"{pid}/task/{t}");
        }
        catch (NativeException e) when (e.Failure is Failure.NotFound or Failure.Gone)
        {
            return [];
        }
    }

    private static List<int> Numbers(string path)
    {
        using var proc = Files.OpenDirectory(new ByteString(path));
        var reader = new DirectoryReader();
        reader.Start(proc);
        var pids = new List<int>();
        while (reader.MoveNext())
        {
            if (int.TryParse(reader.Name.Bytes, NumberStyles.None, CultureInfo.InvariantCulture, out var pid))
            {
                pids.Add(pid);
            }
        }

        return pids;
    }
}
