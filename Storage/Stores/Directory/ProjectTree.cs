using System.Collections.Generic;
using Kvol.Native;
using Kvol.Storage.Trees;

namespace Kvol.Storage.Stores;

/// <summary>Puts an existing tree into a project.</summary>
internal static class ProjectTree
{
    /// <summary>Handles a directory before its entries, so that files created in it concurrently inherit the project. Symbolic links, fifos
    /// and devices cannot be opened for this: they are skipped, and take next to no space.</summary>
    public static void Assign(Fd top, uint project, string subject)
    {
        var mount = Files.Status(top).MountId;
        var reader = new DirectoryReader();
        TreeWalk.Visit(top, new WalkedTree(subject, "put into a project"), Enter);

        Queue<ByteString> Enter(Fd directory)
        {
            Put(directory, project, isDirectory: true);
            var children = new Queue<ByteString>();
            for (reader.Start(directory); reader.MoveNext();)
            {
                try
                {
                    var status = Files.Status(directory, reader.Name);
                    if (status.MountId != mount)
                    {
                        continue;
                    }

                    if (status.IsDirectory)
                    {
                        children.Enqueue(reader.Name.Keep());
                    }
                    else if (status.Kind == FileKind.Regular)
                    {
                        using var file = Files.OpenRead(directory, reader.Name);
                        Put(file, project, isDirectory: false);
                    }
                }
                catch (NativeException e) when (e.Failure is Failure.NotFound or Failure.Loop)
                {
                    // Removed or replaced concurrently: a new file inherits the project.
                }
            }

            return children;
        }
    }

    private static void Put(Fd fd, uint project, bool isDirectory)
    {
        if (Attributes.Flags(fd) is var flags && Attributes.Protects(flags))
        {
            Attributes.ClearProtection(fd);
            try
            {
                ProjectQuota.SetProject(fd, project, isDirectory);
            }
            finally
            {
                Attributes.AddFlags(fd, flags);
            }
        }
        else
        {
            ProjectQuota.SetProject(fd, project, isDirectory);
        }
    }
}
