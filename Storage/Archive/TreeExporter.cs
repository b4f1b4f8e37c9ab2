using System;
using System.Collections.Generic;
using Kvol.Native;
using Kvol.Storage.Copy;

namespace Kvol.Storage.Archive;

/// <summary>Writes a tree as a tar archive, in the order of its names: the same tree gives the same bytes. It holds two descriptors at any depth.</summary>
internal sealed class TreeExporter
{
    private readonly CopyReport report;
    private readonly Action checkInterrupt;
    private readonly MemberExporter members;
    private readonly DirectoryReader reader = new();
    private readonly List<byte> path = [(byte)'.', (byte)'/'];
    private readonly Stack<Level> levels = new();
    private ulong mount;

    private TreeExporter(TarWriter writer, ArchiveOutput output, CopyReport report, Action checkInterrupt)
    {
        (this.report, this.checkInterrupt) = (report, checkInterrupt);
        members = new MemberExporter(writer, output, report, checkInterrupt);
    }

    /// <summary>A directory on the way down: which one it is, the length of its path, and the child directories to come.</summary>
    private readonly record struct Level(FileIdentity Identity, int PathLength, Queue<ByteString> Children);

    /// <summary>Writes everything below a directory and the directory itself. True when nothing changed meanwhile.</summary>
    public static bool Export(Fd top, ArchiveOutput output, CopyReport report, Action checkInterrupt)
    {
        var writer = new TarWriter(output);
        var exporter = new TreeExporter(writer, output, report, checkInterrupt);
        exporter.Walk(top);
        writer.End();
        return !exporter.members.SawChange;
    }

    private void Walk(Fd top)
    {
        var current = Files.Reopen(top);
        try
        {
            mount = Files.Status(current).MountId;
            Enter(current);
            while (true)
            {
                var level = levels.Peek();
                path.RemoveRange(level.PathLength, path.Count - level.PathLength);
                if (level.Children.TryDequeue(out var child))
                {
                    path.AddRange(child.Bytes);
                    path.Add((byte)'/');
                    if (Open(current, child) is { IsOpen: true } inner)
                    {
                        current.Dispose();
                        current = inner;
                        Enter(current);
                    }

                    continue;
                }

                levels.Pop();
                if (levels.Count == 0)
                {
                    return;
                }

                using var done = current;
                current = Files.OpenDirectory(done, ".."u8.ToName());
                if (Files.Status(current).Identity != levels.Peek().Identity)
                {
                    throw new KvolException(ExitStatus.Busy, Shown(), "was moved while the volume was being read; try again when nothing changes it");
                }
            }
        }
        finally
        {
            current.Dispose();
        }
    }

    private Fd Open(Fd parent, ByteString name)
    {
        try
        {
            return Files.OpenDirectory(parent, name);
        }
        catch (NativeException e) when (e.Failure is Failure.NotFound or Failure.NotDirectory)
        {
            members.Changed(Shown(), "vanished while the volume was being read");
            return Fd.None;
        }
    }

    private void Enter(Fd directory)
    {
        checkInterrupt();
        var status = Files.Status(directory);
        members.WriteDirectory(directory, new ByteString([.. path]), status);
        var children = new Queue<ByteString>();
        levels.Push(new Level(status.Identity, path.Count, children));
        if (status.MountId != mount)
        {
            report.Lost(Shown(), "another file system is mounted here: its content is not exported");
            return;
        }

        foreach (var (name, kind) in Sorted(directory))
        {
            if (status.IsMountRoot && SnapshotDirectory.Is(directory, name))
            {
                continue;
            }

            if (kind == FileKind.Directory || members.Write(directory, path, name, kind, mount))
            {
                children.Enqueue(name);
            }
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

    private string Shown() => ByteString.Display(path.ToArray());
}
