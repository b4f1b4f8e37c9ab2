using System;
using System.Collections.Generic;
using System.Threading;
using Kvol.Native;
using Kvol.Storage.Values;

namespace Kvol.Storage.Trees;

/// <summary>Keeps the number of open directories within a limit, whatever the depth and width of the tree: the walk is depth-first, so it
/// needs the directory that it opened first last. That one is closed first and later opened again, name by name from the top.</summary>
internal sealed class OpenDirectories(DirectoryNode top, int limit)
{
    private readonly Lock gate = new();
    private readonly LinkedList<DirectoryNode> open = new();
    private readonly Dictionary<DirectoryNode, LinkedListNode<DirectoryNode>> places = [];

    /// <summary>Takes a directory that its worker has just opened; it is in use until <see cref="Release"/>.</summary>
    public void Add(DirectoryNode node)
    {
        lock (gate)
        {
            node.Users++;
            places[node] = open.AddLast(node);
            for (var place = open.First; open.Count > limit && place is not null;)
            {
                var next = place.Next;
                if (place.Value.Users == 0)
                {
                    Close(place.Value);
                }

                place = next;
            }
        }
    }

    /// <summary>Makes sure that the directory is open and stays so until <see cref="Release"/>.</summary>
    public void Hold(DirectoryNode node)
    {
        lock (gate)
        {
            node.Users++;
            if (node != top && !node.Target.IsOpen)
            {
                places[node] = open.AddLast(node); // first, so that a failure below leaves nothing that CloseAll does not know
                node.Source = OpenAgain(top.Source, node, IsSource);
                node.Target = OpenTarget(node);
            }
        }
    }

    /// <summary>Ends a use; closes the descriptors when no child needs them any more.</summary>
    public void Release(DirectoryNode node)
    {
        lock (gate)
        {
            node.Users--;
            if (node.Users == 0 && node.Unopened == 0 && node != top)
            {
                Close(node);
            }
        }
    }

    /// <summary>Closes whatever a failure left open.</summary>
    public void CloseAll()
    {
        while (open.First is { } place)
        {
            Close(place.Value);
        }
    }

    /// <summary>The target directory of a node that may be closed, for one use by the caller.</summary>
    public Fd OpenTarget(DirectoryNode node) => OpenAgain(top.Target, node, IsTarget);

    /// <summary>The error (75) for a directory that was moved or replaced, in the source or in the target.</summary>
    public static KvolException Moved(DirectoryNode node) =>
        new(ExitStatus.Busy, node.PathOf(CName.Empty),
            "was moved or replaced while the directory was being copied; try again when nothing changes it");

    /// <summary>Whether this is the directory of the target that was made for the node.</summary>
    public static bool IsTarget(DirectoryNode node, Fd directory) => Files.Place(directory, CName.Empty) == node.TargetPlace;

    private static bool IsSource(DirectoryNode node, Fd directory) =>
        Files.Status(directory) is var now && (now.Identity, now.MountId) == (node.Status.Identity, node.Status.MountId);

    // A name may lead elsewhere by now, so each directory on the way is compared with the one that was first opened there.
    private static Fd OpenAgain(Fd from, DirectoryNode node, Func<DirectoryNode, Fd, bool> isSame)
    {
        var current = Files.Reopen(from);
        foreach (var step in node.Way())
        {
            using var parent = current;
            current = Open(parent, step);
            if (!isSame(step, current))
            {
                current.Dispose();
                throw Moved(step);
            }
        }

        return current;
    }

    private static Fd Open(Fd parent, DirectoryNode node)
    {
        try
        {
            return Files.OpenDirectory(parent, node.Name);
        }
        catch (NativeException e) when (e.Failure is Failure.NotFound or Failure.NotDirectory)
        {
            throw Moved(node);
        }
    }

    private void Close(DirectoryNode node)
    {
        if (places.Remove(node, out var place))
        {
            open.Remove(place);
            node.Source.Dispose();
            node.Target.Dispose();
            (node.Source, node.Target) = (Fd.None, Fd.None);
        }
    }
}
