using Kvol.Native;

namespace Kvol.Storage.Trees;

internal sealed partial class TreeCopier
{
    /// <summary>Sets what a directory gets after its children, and does so upwards for every parent whose last child this was.</summary>
    private void Complete(DirectoryNode node, bool vanished, FileMetadata metadata)
    {
        var target = vanished ? Fd.None : Files.Reopen(node.Target);
        if (!vanished)
        {
            directories.Release(node);
        }

        try
        {
            while (true)
            {
                if (!vanished)
                {
                    metadata.Complete(node, target, node.Parent is null ? topChoice : null);
                }

                var parent = node.Parent;
                if (parent is null || !IsLast(parent))
                {
                    return;
                }

                // The parent may have been closed to save descriptors.
                var up = vanished ? directories.OpenTarget(parent) : Files.OpenDirectory(target, CName.Of("..\0"u8));
                target.Dispose();
                target = up;
                if (!OpenDirectories.IsTarget(parent, up))
                {
                    throw OpenDirectories.Moved(node);
                }

                (node, vanished) = (parent, false);
            }
        }
        finally
        {
            target.Dispose();
        }
    }

    private bool IsLast(DirectoryNode parent)
    {
        lock (waiting)
        {
            return --parent.Pending == 0;
        }
    }
}
