using System.Collections.Generic;
using System.Threading;
using Kvol.Native;
using Kvol.Storage.Values;

namespace Kvol.Storage.Trees;

/// <summary>Keeps the number of open directories within a limit, whatever the depth and width of the tree: the one that was opened first is
/// needed last (the walk goes depth first), so it is closed first and opened again by its names from the top.</summary>
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
                node.Source = OpenAgain(top.Source, node);
                node.Target = OpenAgain(top.Target, node);
                var now = Files.Status(node.Source).Identity;
                if (now != node.Status.Identity)
                {
                    throw new KvolException(ExitStatus.Busy, node.PathOf(default(CName)), "was replaced while it was being copied; try again when nothing changes the directory");
                }
            }
        }
    }

    /// <summary>Ends a use; the descriptors go when no child needs them any more.</summary>
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
    public Fd OpenTarget(DirectoryNode node) => OpenAgain(top.Target, node);

    private static Fd OpenAgain(Fd from, DirectoryNode node)
    {
        var names = node.Names();
        var current = Files.Reopen(from);
        while (names.TryPop(out var name))
        {
            using var parent = current;
            current = Files.OpenDirectory(parent, name);
        }

        return current;
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
