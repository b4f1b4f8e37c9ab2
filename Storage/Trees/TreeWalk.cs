using System;
using System.Collections.Generic;
using Kvol.Native;

namespace Kvol.Storage.Trees;

/// <summary>Visits the directories of a tree, each before those inside it. Two descriptors at any depth, and nothing recurses.</summary>
internal static class TreeWalk
{
    /// <summary>Gives every directory to <paramref name="visit"/>, open at its first entry; the names that it returns are the directories to enter from there.</summary>
    public static void Visit(Fd top, Func<Fd, Queue<ByteString>> visit)
    {
        var path = new Stack<Queue<ByteString>>();
        var current = Files.Reopen(top);
        try
        {
            path.Push(visit(current));
            while (true)
            {
                if (path.Peek().TryDequeue(out var child))
                {
                    using var parent = current;
                    current = Files.OpenDirectory(parent, child);
                    path.Push(visit(current));
                }
                else if (path.Count == 1)
                {
                    return;
                }
                else
                {
                    path.Pop();
                    using var done = current;
                    current = Files.OpenDirectory(done, ".."u8.ToName());
                }
            }
        }
        finally
        {
            current.Dispose();
        }
    }
}
