using System;
using System.Collections.Generic;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Trees;
using Kvol.Storage.Values;

namespace Kvol.Storage.Archives;

/// <summary>Writes a tree as a tar archive, in the order of its names: the same tree gives the same bytes. Each queued job holds one
/// descriptor.</summary>
internal sealed class TreeExporter
{
    /// <summary>The report for an entry that is too deep for an import.</summary>
    public static readonly string TooDeep = $"lies deeper than {TarLimits.Depth} directories, or has a name of more than "
        + $"{TarLimits.Name} bytes: not exported";

    // How many entries are worth another thread.
    private const int MostEntries = 128;

    private readonly CopyReport report;
    private readonly Action checkInterrupt;
    private readonly ExportPipeline members;
    private readonly DirectoryReader reader = new();
    private readonly List<byte> path = [(byte)'.', (byte)'/'];
    private readonly Stack<Level> levels = new();
    private bool sawChange;

    private TreeExporter(ExportPipeline members, CopyReport report, Action checkInterrupt) =>
        (this.members, this.report, this.checkInterrupt) = (members, report, checkInterrupt);

    /// <summary>A directory on the way down: the length of its path, and the child directories to come.</summary>
    private readonly record struct Level(int PathLength, Queue<ByteString> Children);

    /// <summary>Writes everything below a directory and the directory itself; <paramref name="isStill"/> when nothing can change it;
    /// <paramref name="subject"/> is the volume that errors name. True when nothing changed while it was read.</summary>
    public static bool Export(Fd top, ArchiveOutput output, CopyReport report, string subject, bool isStill, int jobs,
        Action checkInterrupt)
    {
        var mount = Files.Status(top).MountId;
        bool isConsistent;
        using (var members = new ExportPipeline(output, report, isStill, jobs, checkInterrupt, mount))
        {
            var exporter = new TreeExporter(members, report, checkInterrupt);
            exporter.Walk(top, subject);
            isConsistent = members.Finish() && !exporter.sawChange;
        }

        new TarWriter(output).End();
        return isConsistent;
    }

    private void Walk(Fd top, string subject)
    {
        using var walk = new TreeWalk(top, new WalkedTree(subject, "read"));
        Read(walk.Current);
        while (true)
        {
            var level = levels.Peek();
            path.RemoveRange(level.PathLength, path.Count - level.PathLength);
            if (level.Children.TryDequeue(out var child))
            {
                path.AddRange(child.Bytes);
                path.Add((byte)'/');
                if (path.Count > TarLimits.Name || levels.Count >= TarLimits.Depth)
                {
                    report.Lost(CopyReport.Shorten(new ByteString([.. path])), TooDeep);
                }
                else
                {
                    Enter(walk, child);
                }

                continue;
            }

            levels.Pop();
            if (levels.Count == 0)
            {
                return;
            }

            _ = walk.Leave();
        }
    }

    private void Enter(TreeWalk walk, ByteString name)
    {
        switch (walk.Enter(name))
        {
            case Entering.Entered:
                Read(walk.Current);
                break;
            case Entering.Mounted:
                AddMounted(walk.Current, name);
                break;
            default:
                Vanished();
                break;
        }
    }

    /// <summary>Writes the directory at a mount point, with the metadata that the mount shows, and none of its entries.</summary>
    private void AddMounted(Fd parent, ByteString name)
    {
        try
        {
            var directory = Files.OpenDirectory(parent, name);
            report.Lost(Shown(), "another file system is mounted here: its content is not exported");
            members.Add(new ExportJob(directory, new([.. path]), Files.Status(directory), []));
        }
        catch (NativeException e) when (e.Failure is Failure.NotFound or Failure.NotDirectory)
        {
            Vanished();
        }
    }

    private void Vanished()
    {
        sawChange = true;
        report.Lost(Shown(), "vanished while the volume was being read");
    }

    private void Read(Fd directory)
    {
        checkInterrupt();
        var status = Files.Status(directory);
        ByteString here = new([.. path]);
        var children = new Queue<ByteString>();
        levels.Push(new Level(path.Count, children));
        var entries = new List<(ByteString Name, FileKind Kind)>();
        foreach (var (name, kind) in Sorted(directory))
        {
            if (status.IsMountRoot && SnapshotDirectory.Is(directory, name))
            {
                continue;
            }

            if (kind == FileKind.Directory || (kind == FileKind.Unknown && IsDirectory(directory, name)))
            {
                children.Enqueue(name);
            }
            else
            {
                entries.Add((name, kind));
            }
        }

        FileStatus? header = status;
        var all = entries.ToArray();
        for (var at = 0; at == 0 || at < all.Length; at += MostEntries)
        {
            members.Add(new ExportJob(Files.Reopen(directory), here, header, new(all, at, Math.Min(MostEntries, all.Length - at))));
            header = null;
        }
    }

    // For a file system whose directories do not tell the type. A file that is gone by now is reported when it is written.
    private static bool IsDirectory(Fd directory, ByteString name)
    {
        try
        {
            return Files.Status(directory, name).IsDirectory;
        }
        catch (NativeException e) when (e.Failure == Failure.NotFound)
        {
            return false;
        }
    }

    private List<(ByteString Name, FileKind Kind)> Sorted(Fd directory)
    {
        var names = new List<(ByteString Name, FileKind Kind)>();
        using var listing = Files.Reopen(directory);
        reader.Start(listing);
        while (reader.MoveNext())
        {
            names.Add((reader.Name.Keep(), reader.Kind));
        }

        names.Sort((a, b) => a.Name.Bytes.SequenceCompareTo(b.Name.Bytes));
        return names;
    }

    private string Shown() => CopyReport.Shorten(new ByteString([.. path]));
}
