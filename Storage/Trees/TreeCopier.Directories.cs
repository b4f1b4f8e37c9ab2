using Kvol.Native;
using Kvol.Storage.Values;

namespace Kvol.Storage.Trees;

/// <content>Opening a directory on both sides.</content>
internal sealed partial class TreeCopier
{
    /// <summary>Opens both sides and makes the target. False when the source is gone.</summary>
    private bool Open(DirectoryNode node)
    {
        if (node.Parent is null)
        {
            node.Status = Files.Status(node.Source);
            node.TargetPlace = Files.Place(node.Target, CName.Empty);
            directories.Hold(node);
            return true;
        }

        var parent = node.Parent;
        directories.Hold(parent);
        try
        {
            try
            {
                node.Source = Files.OpenDirectory(parent.Source, node.Name);
            }
            catch (NativeException e) when (e.Failure is Failure.NotFound or Failure.NotDirectory or Failure.Loop)
            {
                report.Lost(node, CName.Empty, "vanished while the directory was being copied");
                return false;
            }

            try
            {
                node.Status = Files.Status(node.Source);
                if (node.Status.Identity == targetIdentity)
                {
                    throw new KvolException(ExitStatus.Usage, node.PathOf(CName.Empty),
                        "is the volume that is being seeded: the source must not contain the store");
                }

                if (!Make(node, parent.Target))
                {
                    node.Source.Dispose();
                    return false;
                }

                node.Target = Files.OpenDirectory(parent.Target, node.Name);
                node.TargetPlace = Files.Place(node.Target, CName.Empty);
            }
            catch
            {
                node.Source.Dispose();
                throw;
            }

            directories.Add(node);
            return true;
        }
        finally
        {
            lock (waiting)
            {
                parent.Unopened--;
            }

            directories.Release(parent);
        }
    }

    private bool Make(DirectoryNode node, Fd at)
    {
        try
        {
            Files.MakeDirectory(at, node.Name, Permissions.OwnerOnly);
            return true;
        }
        catch (NativeException e) when (e.Failure == Failure.Exists)
        {
            report.Lost(node, CName.Empty, EntryCopier.SameName);
            return false;
        }
        catch (NativeException e) when (e.CannotHold && e.Failure != Failure.NotPermitted)
        {
            report.Lost(node, CName.Empty, $"Directory: {e.Reason}");
            return false;
        }
    }
}
