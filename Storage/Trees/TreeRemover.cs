using System.Collections.Generic;
using Kvol.Native;
using Kvol.Storage.Values;

namespace Kvol.Storage.Trees;

/// <summary>Deletes a tree. It never enters another mount, a bind of the same file system included, and holds two descriptors at any depth.</summary>
internal static class TreeRemover
{
    // Names of child directories that are kept of one directory at a time; the rest is found when it is read again.
    private const int MostChildren = 1024;

    /// <summary>Removes an entry and everything below it. An error (75) at a mount point; what is left can be removed by calling again.</summary>
    public static void Remove(Fd at, ByteString name)
    {
        if (!Files.Status(at, name).IsDirectory)
        {
            RemoveFile(at, name);
            return;
        }

        var path = new Stack<(ByteString Name, Queue<ByteString> Children)>([(name, new())]);
        var current = Enter(at, name);
        try
        {
            var reader = new DirectoryReader();
            while (true)
            {
                var (done, children) = path.Peek();
                if (children.Count > 0 || RemoveFiles(current, reader, children))
                {
                    using var parent = current;
                    var child = children.Dequeue();
                    current = Enter(parent, child);
                    path.Push((child, new()));
                    continue;
                }

                path.Pop();
                if (path.Count == 0)
                {
                    RemoveOne(at, done, directory: true);
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

    /// <summary>Removes what is no directory, and puts directories on a list; whether there are any.</summary>
    private static bool RemoveFiles(Fd directory, DirectoryReader reader, Queue<ByteString> children)
    {
        using var listing = Files.Reopen(directory);
        reader.Start(listing);
        while (children.Count < MostChildren && reader.MoveNext())
        {
            if (reader.Kind == FileKind.Directory || (reader.Kind == FileKind.Unknown && Files.Status(directory, reader.Name).IsDirectory))
            {
                children.Enqueue(reader.Name.Keep());
            }
            else
            {
                RemoveFile(directory, reader.Name);
            }
        }

        return children.Count > 0;
    }

    private static void RemoveFile(Fd at, CName name)
    {
        try
        {
            RemoveOne(at, name, directory: false);
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
