using System.Collections.Generic;
using Kvol.Native;
using Kvol.Storage.Values;

namespace Kvol.Storage.Trees;

/// <summary>Deletes a tree. It never enters another mount, a bind of the same file system included. What others can do to the tree
/// meanwhile, and why nothing outside it is deleted, is said at <see cref="TreeWalk"/>.</summary>
/// <remarks>The store has renamed the tree by then to where no path of a jail leads. Descriptors still do: entries come, go and change
/// places until the last directory is removed. So an entry that is gone is passed over, and a directory that is not empty when its turn
/// comes is read again.</remarks>
internal sealed class TreeRemover
{
    // Names of child directories that are kept of one directory at a time; the rest is found when it is read again.
    private const int MostChildren = 1024;

    // Entries that are removed between two looks at where their directory is.
    private const int MostUnchecked = 64;

    // A directory that gets new entries so often while it is emptied has a writer, whom the remover does not race.
    private const int MostReadings = 100;

    private readonly WalkedTree tree;
    private readonly TreeWalk walk;
    private readonly DirectoryReader reader = new();

    private TreeRemover(Fd top, WalkedTree tree) => (this.tree, walk) = (tree, new TreeWalk(top, tree));

    /// <summary>Removes an entry and everything below it. <paramref name="subject"/> is the volume that errors name. An error (75) at a
    /// mount point, and where a process moves directories of the tree or goes on writing into it; what is left can be removed by calling
    /// again.</summary>
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

    /// <summary>Removes what is no directory, and puts directories on the list.</summary>
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

    /// <summary>Removes an entry unless it is gone, or is a directory in the place of a file or the reverse: the directory that holds it
    /// then shows that it is not empty.</summary>
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
            throw MountPoint(at, name);
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

    private static KvolException MountPoint(Fd at, CName name) =>
        new(ExitStatus.Busy, $"{Files.PathOf(at)}/{name.ToString()}",
            "something is mounted here; it was not entered, unmount it and try again");

    /// <summary>What is known of one directory on the way.</summary>
    private sealed class Reading
    {
        /// <summary>Directories in it that are to be entered.</summary>
        public Queue<ByteString> Children { get; } = new();

        /// <summary>Whether its last reading came to its end.</summary>
        public bool IsComplete { get; set; }

        /// <summary>How often one of its directories was not empty in the end.</summary>
        public int Readings { get; set; }
    }
}
