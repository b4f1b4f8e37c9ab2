using System.Collections.Generic;
using Kvol.Native;

namespace Kvol.Storage.Copy;

/// <summary>Deletes a tree. It never enters another mount, a bind of the same file system included, and holds two descriptors at any depth.</summary>
internal static class TreeRemover
{
    /// <summary>Removes an entry and everything below it. An error (75) at a mount point; what is left can be removed by calling again.</summary>
    public static void Remove(Fd at, ByteString name)
    {
        if (TryRemove(at, name))
        {
            return;
        }

        var path = new Stack<ByteString>([name]);
        var current = Enter(at, name);
        try
        {
            var reader = new DirectoryReader();
            while (true)
            {
                var child = RemoveEntries(current, reader);
                if (child is not null)
                {
                    using var parent = current;
                    current = Enter(parent, child);
                    path.Push(child);
                    continue;
                }

                var done = path.Pop();
                if (path.Count == 0)
                {
                    Files.RemoveDirectory(at, done);
                    return;
                }

                using var emptied = current;
                current = Files.OpenDirectory(emptied, ".."u8.ToName());
                RemoveOne(current, done, directory: true);
            }
        }
        finally
        {
            current.Dispose();
        }
    }

    /// <summary>Removes what can be removed at once; the first directory that holds something, or null when nothing is left.</summary>
    private static ByteString? RemoveEntries(Fd directory, DirectoryReader reader)
    {
        using var listing = Files.Reopen(directory);
        reader.Start(listing);
        while (reader.MoveNext())
        {
            if (!TryRemove(directory, reader.Name))
            {
                return reader.Name.Keep();
            }
        }

        return null;
    }

    private static bool TryRemove(Fd at, CName name)
    {
        try
        {
            RemoveOne(at, name, Files.Status(at, name).IsDirectory);
            return true;
        }
        catch (NativeException e) when (e.Failure == Failure.NotEmpty)
        {
            return false;
        }
        catch (NativeException e) when (e.Failure == Failure.Busy)
        {
            throw MountPoint(at, name);
        }
    }

    private static void RemoveOne(Fd at, CName name, bool directory)
    {
        try
        {
            Unlink(at, name, directory);
        }
        catch (NativeException e) when (e.Failure == Failure.NotPermitted)
        {
            // The seeding kept an immutable or append-only flag of this entry or of its directory.
            Attributes.ClearProtection(at);
            Attributes.ClearProtection(at, name);
            Unlink(at, name, directory);
        }

        static void Unlink(Fd at, CName name, bool directory)
        {
            if (directory)
            {
                Files.RemoveDirectory(at, name);
            }
            else
            {
                Files.Remove(at, name);
            }
        }
    }

    private static Fd Enter(Fd at, CName name)
    {
        try
        {
            return RootedPath.OpenDirectoryBelow(at, name);
        }
        catch (NativeException e) when (e.Failure == Failure.CrossDevice)
        {
            throw MountPoint(at, name);
        }
    }

    private static KvolException MountPoint(Fd at, CName name) =>
        new(ExitStatus.Busy, $"{Files.PathOf(at)}/{name.ToString()}", "something is mounted here; it was not entered, unmount it and try again");
}
