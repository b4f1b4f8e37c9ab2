using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Native;

namespace Kvol.Storage.Trees;

/// <summary>The result of entering a directory.</summary>
internal enum Entering
{
    /// <summary>The walk is in it.</summary>
    Entered,

    /// <summary>The name no longer exists, or is not a directory.</summary>
    Vanished,

    /// <summary>Something is mounted on it; the walk stays where it was.</summary>
    Mounted,
}

/// <summary>Walks down a tree and up again, even while a jail writes to it. It holds a bounded number of descriptors and never
/// recurses.</summary> <remarks>
/// <para>A hostile process can keep descriptors of directories in the tree, even after an unmount or rename above it, and can use them to
/// rename at any time. These are the cases, and why each one is safe:</para>
/// <para>The process renames a directory that the walk is in, or one above that. The walk goes up to a descriptor that it holds, so it
/// returns to the directory that it listed. If it closed that descriptor to save some, it opens <c>..</c> and compares device, inode and
/// mount with the directory that it left. Either way it compares what <c>..</c> leads to, and a difference ends the work (75) before
/// anything else is read or changed.</para>
/// <para>The process moves a directory out of the tree before the walk reads it. When the walk enters a directory at depth N, it checks
/// that the directory N levels above is the top. One call checks the whole way, and <see cref="Check"/> repeats it for callers that work
/// long in one directory. Between two checks, the caller works by names in a directory that was in the tree at the first check.</para>
/// <para>The remaining risk between two checks: a jail's mount ends at the top of its volume, and rename(2) across two mounts fails with
/// EXDEV, even if both show the same file system. So a jail can move a directory within its volume, but not out of it, nor one of another
/// volume into it: the work stays in the volume. Only a process that has the whole store below one mount can do more. That is root of the
/// host, because the store's own mode (0700) admits nobody else.</para>
/// <para>The process moves a directory of its own into the tree: from then on it belongs to the tree. The process replaces a directory by a
/// link, a file or a mount: the walk enters only directories, follows no link, and enters no mount. The process exchanges entries that were
/// listed: the walk uses names only, and only in the directory that is open.</para> </remarks>
internal sealed class TreeWalk : IDisposable
{
    private const int MostHeld = 32;

    // The most levels that one path of ".." spans, which must be shorter than FreeBSD's PATH_MAX of 1024.
    private const int Reach = 300;

    private readonly byte[] upwards = [.. Enumerable.Repeat("../"u8.ToArray(), Reach).SelectMany(up => up), 0];
    private readonly WalkedTree tree;
    private readonly List<Level> levels = [];

    // The levels from the top that have no descriptor.
    private int closed;

    /// <summary>Starts in a directory, with its own descriptor of it.</summary>
    public TreeWalk(Fd top, WalkedTree tree)
    {
        this.tree = tree;
        levels.Add(new Level(new ByteString("."u8), Files.Reopen(top)));
    }

    /// <summary>The directory that the walk is in; this object's, until the next step.</summary>
    public Fd Current => levels[^1].Directory;

    /// <summary>The number of directories above the current one, up to the top.</summary>
    public int Depth => levels.Count - 1;

    /// <summary>Passes every directory of a tree to <paramref name="visit"/>, each before those inside it, open at its first entry. It
    /// returns the names of the directories to enter from there; those that vanished by then, and mount points, are skipped.</summary>
    public static void Visit(Fd top, WalkedTree tree, Func<Fd, Queue<ByteString>> visit)
    {
        using var walk = new TreeWalk(top, tree);
        var path = new Stack<Queue<ByteString>>([visit(walk.Current)]);
        while (true)
        {
            if (path.Peek().TryDequeue(out var child))
            {
                if (walk.Enter(child) == Entering.Entered)
                {
                    path.Push(visit(walk.Current));
                }
            }
            else if (walk.Depth == 0)
            {
                return;
            }
            else
            {
                path.Pop();
                walk.Leave();
            }
        }
    }

    /// <summary>Goes into a directory of the current one.</summary>
    public Entering Enter(ByteString name)
    {
        try
        {
            levels.Add(new Level(name, RootedPath.OpenDirectoryBelow(Current, name)));
        }
        catch (NativeException e) when (e.Failure is Failure.NotFound or Failure.NotDirectory or Failure.Loop)
        {
            return Entering.Vanished;
        }
        catch (NativeException e) when (e.Failure == Failure.CrossDevice)
        {
            return Entering.Mounted;
        }

        if (levels.Count - closed > MostHeld)
        {
            Close(levels[closed++]);
        }

        try
        {
            Check();
            return Entering.Entered;
        }
        catch (NativeException e) when (e.Failure == Failure.NotFound)
        {
            Pop().Directory.Dispose(); // on FreeBSD a directory that was removed has no ".."
            return Entering.Vanished;
        }
    }

    /// <summary>Goes up; the name of the directory that was left.</summary>
    public ByteString Leave()
    {
        var left = Pop();
        using var directory = left.Directory;
        var parent = levels[^1];
        if (parent.Directory.IsOpen)
        {
            if (Above(directory) is { } above && above != PlaceOf(parent))
            {
                throw tree.Moved(left.Name.ToString());
            }

            return left.Name;
        }

        try
        {
            parent.Directory = Files.OpenDirectory(directory, CName.Of("..\0"u8));
        }
        catch (NativeException e) when (e.Failure == Failure.NotFound)
        {
            throw tree.Moved(left.Name.ToString());
        }

        closed--;
        return Files.Place(parent.Directory, CName.Empty) == parent.Place ? left.Name : throw tree.Moved(left.Name.ToString());
    }

    /// <summary>Checks that the current directory is still as deep below the top as it was; an error (75) otherwise.</summary>
    public void Check()
    {
        var span = Math.Min(Depth, Reach);
        if (span > 0 && Files.Place(Current, CName.Of(upwards.AsSpan(3 * (Reach - span)))) != PlaceOf(levels[Depth - span]))
        {
            throw tree.Moved(levels[^1].Name.ToString());
        }
    }

    /// <inheritdoc/>
    public void Dispose() => levels.ForEach(l => l.Directory.Dispose());

    private static FilePlace PlaceOf(Level level) => level.Place ??= Files.Place(level.Directory, CName.Empty);

    private static FilePlace? Above(Fd directory)
    {
        try
        {
            return Files.Place(directory, CName.Of("..\0"u8));
        }
        catch (NativeException e) when (e.Failure == Failure.NotFound)
        {
            return null; // it was removed, which moves nothing
        }
    }

    private static void Close(Level level)
    {
        _ = PlaceOf(level);
        level.Directory.Dispose();
        level.Directory = Fd.None;
    }

    private Level Pop()
    {
        var last = levels[^1];
        levels.RemoveAt(levels.Count - 1);
        return last;
    }

    /// <summary>A directory on the way from the top.</summary>
    private sealed class Level(ByteString name, Fd directory)
    {
        public ByteString Name { get; } = name;

        public Fd Directory { get; set; } = directory;

        /// <summary>Read when a comparison first needs it, at the latest when the descriptor is closed.</summary>
        public FilePlace? Place { get; set; }
    }
}
