using System;
using System.Collections.Generic;
using Kvol.Native;

namespace Kvol.Storage.Trees;

/// <summary>The disk space of a tree.</summary>
internal static class TreeSize
{
    /// <summary>Bytes allocated of the tree that messages call <paramref name="subject"/>, each hard-linked file once, without what is
    /// mounted inside.</summary>
    public static long Allocated(Fd top, string subject) => Of(top, subject).Allocated;

    /// <summary>The same, and the lengths of the files, holes included.</summary>
    public static (long Allocated, long Apparent) Of(Fd top, string subject)
    {
        long apparent = 0;
        var seen = new HashSet<FileIdentity>();
        var status = Files.Status(top);
        var total = status.AllocatedBytes;
        var reader = new DirectoryReader();
        TreeWalk.Visit(top, new WalkedTree(subject, "counted"), Read);
        return (total, apparent);

        Queue<ByteString> Read(Fd directory)
        {
            var children = new Queue<ByteString>();
            reader.Start(directory);
            while (reader.MoveNext())
            {
                FileStatus entry;
                try
                {
                    entry = Files.Status(directory, reader.Name);
                }
                catch (NativeException e) when (e.Failure == Failure.NotFound)
                {
                    continue; // another process removed it
                }

                if (entry.MountId != status.MountId)
                {
                    continue;
                }

                if (entry.Links <= 1 || entry.IsDirectory || seen.Add(entry.Identity))
                {
                    total += entry.AllocatedBytes;
                    // Holes cost nothing, so two files can be longer than a number holds.
                    apparent += entry.Kind == FileKind.Regular ? Math.Min(entry.Size, long.MaxValue - apparent) : 0;
                }

                if (entry.IsDirectory)
                {
                    children.Enqueue(reader.Name.Keep());
                }
            }

            return children;
        }
    }
}
