using System;
using System.Collections.Generic;
using System.Threading;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Storage.Trees;

/// <summary>How a tree is to be copied.</summary>
internal sealed record CopyOptions(int Jobs, bool Cloning, bool CrossMounts, int MaximumDescriptors, CancellationToken Interrupt)
{
    /// <summary>How a command copies trees; with <paramref name="crossMounts"/>, file systems that are mounted in the tree too.</summary>
    public static CopyOptions Of(Context context, bool crossMounts) =>
        new(context.Configuration.Jobs, context.Configuration.Cloning, crossMounts, context.MaximumDescriptors, context.Interrupt);
}

/// <summary>Copies a directory tree into an empty directory. A directory is the unit of work: a worker opens it, copies its files itself
/// and leaves its child directories on a common stack; the last child to end completes its parent. Nothing recurses.</summary>
internal sealed partial class TreeCopier
{
    private readonly CopyOptions options;
    private readonly CopyReport report;
    private readonly TopDirectory topChoice;
    private readonly DirectoryNode top;
    private readonly OpenDirectories directories;
    private readonly HardLinks links;
    private readonly HeldFlags held = new();
    private readonly FileIdentity targetIdentity;
    private readonly WorkerGroup helpers;
    // The stack is also the lock for itself, the number of working threads, and Unopened and Pending of every node.
    private readonly Stack<DirectoryNode> waiting = new();
    private int working;

    private TreeCopier(Fd source, Fd target, CopyOptions options, CopyReport report, TopDirectory topChoice)
    {
        options = options with { Jobs = Math.Clamp((options.MaximumDescriptors - 24) / 10, 1, options.Jobs) };
        (this.options, this.report, this.topChoice) = (options, report, topChoice);
        helpers = new WorkerGroup(waiting);
        top = new DirectoryNode(null, new ByteString("")) { Source = source, Target = target };
        // Each open directory takes two descriptors; each worker needs a few of its own for files and for walking.
        directories = new OpenDirectories(top, Math.Max((options.MaximumDescriptors - 24 - (6 * options.Jobs)) / 2, options.Jobs + 1));
        links = new HardLinks(directories);
        targetIdentity = Files.Status(target).Identity;
    }

    /// <summary>Copies everything below <paramref name="source"/> and the directory itself onto <paramref name="target"/>. Flags that
    /// forbid changes to the top directory and its entries are returned; the caller sets them after all other changes.</summary>
    public static HeldFlags Copy(Fd source, Fd target, CopyOptions options, CopyReport report, TopDirectory topChoice)
    {
        using var safe = KernelMounts.WithoutDevices(source);
        try
        {
            return CopyFrom(safe, target, options, report, topChoice);
        }
        catch (NativeException e)
        {
            // The private mount is detached, so the paths of its entries start at its top.
            var top = Files.PathOf(source).ToString();
            throw e.Subject.StartsWith(top, StringComparison.Ordinal)
                || e.Subject.StartsWith(Files.PathOf(target).ToString(), StringComparison.Ordinal) ? e : e.Below(top);
        }
    }

    private static HeldFlags CopyFrom(Fd source, Fd target, CopyOptions options, CopyReport report, TopDirectory topChoice)
    {
        var copier = new TreeCopier(source, target, options, report, topChoice);
        copier.waiting.Push(copier.top);
        copier.Work();
        copier.helpers.Join();

        try
        {
            copier.helpers.ThrowIfFailed();
            copier.links.Protect(new FileMetadata(report, copier.held));
            copier.held.Top = copier.top.Flags;
            return copier.held;
        }
        finally
        {
            copier.directories.CloseAll(); // what is undone after a failure must not find the source busy
        }
    }

    private void Work()
    {
        var reader = new DirectoryReader();
        var entries = new EntryCopier(report, links, held, options.Cloning, ThrowIfStopped);
        while (Next() is { } node)
        {
            try
            {
                Process(node, reader, entries);
            }
            catch (Exception e)
            {
                helpers.Fail(e);
            }
            finally
            {
                lock (waiting)
                {
                    working--;
                    Monitor.PulseAll(waiting);
                }
            }
        }
    }

    private DirectoryNode? Next()
    {
        lock (waiting)
        {
            while (!helpers.HasFailed)
            {
                if (waiting.TryPop(out var node))
                {
                    working++;
                    return node;
                }

                if (working == 0)
                {
                    return null;
                }

                Monitor.Wait(waiting);
            }

            return null;
        }
    }

    private void ThrowIfStopped()
    {
        options.Interrupt.ThrowIfCancellationRequested();
        if (helpers.HasFailed)
        {
            throw new OperationCanceledException();
        }
    }

    private void Process(DirectoryNode node, DirectoryReader reader, EntryCopier entries)
    {
        ThrowIfStopped();
        if (!Open(node))
        {
            Complete(node, vanished: true, entries.Metadata);
            return;
        }

        entries.Metadata.Remember(node);
        var children = new List<DirectoryNode>();
        if (node.Parent is null || options.CrossMounts || node.Status.MountId == node.Parent.Status.MountId)
        {
            using var listing = Files.Reopen(node.Source);
            reader.Start(listing);
            while (reader.MoveNext())
            {
                if (node.Status.IsMountRoot && SnapshotDirectory.Is(node.Source, reader.Name))
                {
                    continue;
                }

                if (reader.Kind == FileKind.Directory || entries.Copy(node, reader.Name, reader.Kind))
                {
                    children.Add(new DirectoryNode(node, reader.Name.Keep()));
                }
            }
        }
        else
        {
            report.Lost(node, CName.Empty, "another file system is mounted here: its content is not copied");
        }

        Finish(node, children, entries.Metadata);
    }

    private void Finish(DirectoryNode node, List<DirectoryNode> children, FileMetadata metadata)
    {
        lock (waiting)
        {
            (node.Unopened, node.Pending) = (children.Count, children.Count);
            foreach (var child in children)
            {
                waiting.Push(child);
            }

            for (var wanted = Math.Min(children.Count, options.Jobs - 1); helpers.Count < wanted;)
            {
                helpers.Start(Work);
            }

            Monitor.PulseAll(waiting);
        }

        if (children.Count > 0)
        {
            directories.Release(node);
        }
        else
        {
            Complete(node, vanished: false, metadata);
        }
    }
}
