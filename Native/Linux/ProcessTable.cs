using System;
using System.Collections.Generic;

namespace Kvol.Native;

/// <content>By proc(5).</content>
internal static partial class ProcessTable
{
    /// <summary>A short name for people.</summary>
    public static string NameOf(int pid)
    {
        try
        {
            return ByteString.Display(SmallFile.Read(new ByteString($"/proc/{pid}/comm")).AsSpan().TrimEnd((byte)'\n'));
        }
        catch (NativeException e) when (!e.IsWrongQuestion)
        {
            return "?";
        }
    }

    /// <summary>Processes with a working directory, root, program or open file at or below a path.</summary>
    public static IEnumerable<int> HoldersOf(ByteString path)
    {
        foreach (var pid in ThreadTable.Processes())
        {
            if (pid != Self && Holds(pid, path))
            {
                yield return pid;
            }
        }
    }

    /// <summary>The mount tables of every mount namespace in which some process lives, each read whole from its own root directory, this
    /// process's too. Processes that end while being read are passed over; one that cannot be read is an error that names a process,
    /// because a mount could hide there.</summary>
    public static IReadOnlyList<NamespaceMounts> OtherMountTables() => MountNamespaces.ReadAll();

    /// <summary>Objects in the tree at the open directory <paramref name="top"/> that processes hold on mounts in none of the tables:
    /// proc(5).</summary>
    public static IReadOnlyList<HeldObject> StraysWithin(Fd top, IReadOnlyList<NamespaceMounts> tables) => StrayObjects.Within(top, tables);

    /// <summary>The same for objects on any mount: working and root directories, and open files and directories in the tree. At most one
    /// for each process.</summary>
    public static IReadOnlyList<HeldObject> HeldWithin(Fd top) => StrayObjects.WithinAny(top);

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
        catch (NativeException e) when (!e.IsWrongQuestion)
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
        catch (NativeException e) when (!e.IsWrongQuestion)
        {
            // it has ended
        }

        return false;
    }
}
