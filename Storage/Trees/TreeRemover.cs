using System;
using System.Collections.Generic;
using Kvol.Native;
using Kvol.Storage.Values;

namespace Kvol.Storage.Trees;

/// <summary>Deletes a tree. It never enters another mount, a bind of the same file system included. <see cref="TreeWalk"/> explains what
/// others can do to the tree concurrently, and why nothing outside it is deleted.</summary>
/// <remarks>The store has already renamed the tree to where no path of a jail leads. A jail may still hold descriptors in it, so entries
/// can appear, vanish and move until the last directory is removed. So an entry that is gone is skipped, and a directory that is not empty
/// when it is to be removed is read again.</remarks>
internal sealed class TreeRemover
{
    // How many names of child directories are kept for one directory at a time; the others are found when it is read again.
    private const int MostChildren = 1024;

    // How many entries are removed between two checks that their directory is still in the tree.
    private const int MostUnchecked = 64;

    // A directory that is refilled so often while it is emptied has a writer, and the remover gives up.
    private const int MostReadings = 100;

    private readonly WalkedTree tree;
    private readonly TreeWalk walk;
    private readonly DirectoryReader reader = new();

    private TreeRemover(Fd top, WalkedTree tree) => (this.tree, walk) = (tree, new TreeWalk(top, tree));

    /// <summary>Removes an entry and everything below it. <paramref name="subject"/> is the volume that errors name. An error (75) at a
    /// mount point, and when a process moves directories of the tree or keeps writing into it; another call can remove the rest.</summary>
    public static void Remove(Fd at, ByteString name, string subject)
    {
        if (!Files.Status(at, name).IsDirectory)
        {
            RemoveEntry(at, name, isDirectory: false);
            return;
        }

        var tree = new WalkedTree(subject, "deleted", "end the process that uses it, 'kvol gc' then deletes what is left");
        var readings = 0;
        do
        {
            using var top = Enter(at, name);
            var remover = new TreeRemover(top, tree);
            using (remover.walk)
            {
                remover.Empty();
            }
        }
        while (!RemoveDirectory(at, name, tree, ref readings));
    }

    private static Fd Enter(Fd at, ByteString name)
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

    /// <summary>Removes everything below the top.</summary>
    private void Empty()
    {
        var path = new Stack<Reading>([new Reading()]);
        while (true)
        {
            var here = path.Peek();
            if (here.Children.TryDequeue(out var child))
            {
                var entering = walk.Enter(child);
                if (entering == Entering.Mounted)
                {
                    throw MountPoint(walk.Current, child);
                }

                if (entering == Entering.Entered)
                {
                    path.Push(new Reading());
                }
            }
            else if (!here.IsComplete)
            {
                Read(here);
            }
            else if (walk.Depth == 0)
            {
                return;
            }
            else
            {
                path.Pop();
                var parent = path.Peek();
                var left = walk.Leave();
                var readings = parent.Readings;
                if (!RemoveDirectory(walk.Current, left, tree, ref readings))
                {
                    parent.Children.Enqueue(left);
                }

                parent.Readings = readings;
            }
        }
    }

    /// <summary>Removes all entries that are not directories, and queues the directories.</summary>
    private void Read(Reading here)
    {
        walk.Check();
        using var listing = Files.Reopen(walk.Current);
        reader.Start(listing);
        here.IsComplete = true;
        for (var entries = 1; reader.MoveNext(); entries++)
        {
            if (entries % MostUnchecked == 0)
            {
                walk.Check();
            }

            if (IsDirectory())
            {
                here.Children.Enqueue(reader.Name.Keep());
                if (here.Children.Count == MostChildren)
                {
                    here.IsComplete = false;
                    return;
                }
            }
            else
            {
                RemoveEntry(walk.Current, reader.Name, isDirectory: false);
            }
        }
    }

    private bool IsDirectory()
    {
        try
        {
            return reader.Kind == FileKind.Directory
                || (reader.Kind == FileKind.Unknown && Files.Status(walk.Current, reader.Name).IsDirectory);
        }
        catch (NativeException e) when (e.Failure == Failure.NotFound)
        {
            return false;
        }
    }

    /// <summary>Removes a directory that was emptied; false when it is not empty any more.</summary>
    private static bool RemoveDirectory(Fd at, ByteString name, WalkedTree tree, ref int readings)
    {
        try
        {
            RemoveEntry(at, name, isDirectory: true);
            return true;
        }
        catch (NativeException e) when (e.Failure is Failure.NotEmpty or Failure.Exists)
        {
            return ++readings < MostReadings ? false
                : throw tree.Busy($"a process writes into the directory '{name}' while it is being deleted");
        }
    }

    /// <summary>Removes an entry unless it is gone, or changed from a file to a directory or the reverse; its parent directory then turns
    /// out not to be empty.</summary>
    private static void RemoveEntry(Fd at, CName name, bool isDirectory)
    {
        try
        {
            Unlink(at, name, isDirectory);
        }
        catch (NativeException e) when (e.Failure is Failure.NotFound or Failure.IsDirectory or Failure.NotDirectory)
        {
        }
        catch (NativeException e) when (e.Failure == Failure.Busy)
        {
            throw name.Bytes.StartsWith(".nfs"u8) && !isDirectory ? OpenFile(at, name) : MountPoint(at, name);
        }
    }

    private static void Unlink(Fd at, CName name, bool isDirectory)
    {
        try
        {
            UnlinkOnce(at, name, isDirectory);
        }
        catch (NativeException e) when (e.Failure == Failure.NotPermitted)
        {
            // The seeding kept an immutable or append-only flag of this entry or of its directory.
            Attributes.ClearProtection(at);
            Attributes.ClearProtection(at, name);
            UnlinkOnce(at, name, isDirectory);
        }

        static void UnlinkOnce(Fd at, CName name, bool isDirectory)
        {
            if (isDirectory)
            {
                Files.RemoveDirectory(at, name);
            }
            else
            {
                Files.Remove(at, name);
            }
        }
    }

    // A client of NFS renames a removed file that is still open so, and refuses to remove that name (nfs_sillyrename, fs/nfs/dir.c).
    private static KvolException OpenFile(Fd at, CName name) =>
        new(ExitStatus.Busy, $"{Files.PathOf(at)}/{name.ToString()}",
            "a process of this host still has this removed file open, and NFS keeps it until then; end that process and try again");

    private static KvolException MountPoint(Fd at, CName name) =>
        new(ExitStatus.Busy, $"{Files.PathOf(at)}/{name.ToString()}",
            "something is mounted here; it was not entered, unmount it and try again");

    /// <summary>The state of one directory on the way.</summary>
    private sealed class Reading
    {
        /// <summary>Directories in it that are to be entered.</summary>
        public Queue<ByteString> Children { get; } = new();

        /// <summary>Whether its last reading came to its end.</summary>
        public bool IsComplete { get; set; }

        /// <summary>How often one of its directories was not empty when it was to be removed.</summary>
        public int Readings { get; set; }
    }
}
