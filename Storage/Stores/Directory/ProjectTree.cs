using System.Collections.Generic;
using Kvol.Native;
using Kvol.Storage.Trees;

namespace Kvol.Storage.Stores;

/// <summary>Puts what is there already into a project.</summary>
internal static class ProjectTree
{
    /// <summary>A directory before what is in it, so that what is made in it meanwhile is in the project too. Links, fifos and devices
    /// cannot be opened for it: they stay as they are, and take next to nothing.</summary>
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
                    // removed or replaced meanwhile: what is new is in the project by itself
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
