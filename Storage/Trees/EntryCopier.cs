using System;
using Kvol.Native;
using Kvol.Storage.Values;

namespace Kvol.Storage.Trees;

/// <summary>Copies one directory entry that is not a directory. One for each worker: its buffers are its own.</summary>
internal sealed class EntryCopier(CopyReport report, HardLinks links, HeldFlags held, bool clone, Action checkInterrupt)
{
    private const string MountedHere = "something is mounted here: not copied";

    private readonly FileContents contents = new(report, clone);
    private Fd created = Fd.None;
    private FileStatus status;

    public FileMetadata Metadata { get; } = new(report, held);

    /// <summary>Copies an entry; a directory that it turns out to be is the caller's (true).</summary>
    public bool Copy(DirectoryNode directory, CName name, FileKind kind)
    {
        checkInterrupt();
        if (kind == FileKind.Regular)
        {
            return CopyRegular(directory, name);
        }

        try
        {
            status = Files.Status(directory.Source, name);
        }
        catch (NativeException e) when (e.Failure == Failure.NotFound)
        {
            report.Lost(directory, name, "vanished while the directory was being copied");
            return false;
        }

        if (status.Kind == FileKind.Directory)
        {
            return true;
        }

        if (status.MountId != directory.Status.MountId)
        {
            report.Lost(directory, name, MountedHere);
            return false;
        }

        return status.Kind == FileKind.Regular ? CopyRegular(directory, name) : CopySpecial(directory, name);
    }

    private bool CopyRegular(DirectoryNode directory, CName name)
    {
        Fd source;
        try
        {
            source = Files.OpenRead(directory.Source, name);
        }
        catch (NativeException e) when (e.Failure is Failure.NotFound or Failure.Loop)
        {
            report.Lost(directory, name, "vanished while the directory was being copied");
            return false;
        }

        using (source)
        {
            status = Files.Status(source);
            if (status.Kind != FileKind.Regular || status.MountId != directory.Status.MountId)
            {
                report.Lost(directory, name, status.MountId != directory.Status.MountId ? MountedHere : "changed its type while it was being copied");
                return false;
            }

            if (status.Links > 1)
            {
                if (!links.CreateOrLink(directory, name, status.Identity, Create))
                {
                    report.CountFile();
                    return false;
                }
            }
            else
            {
                Create(directory, name);
            }

            using var target = created;
            contents.Copy(source, target, status, checkInterrupt);
            var flags = Metadata.Apply(directory, name, source, target, status);
            if (status.Links > 1 && Attributes.Protects(flags))
            {
                links.ProtectAtTheEnd(status.Identity, flags);
            }
            else
            {
                Metadata.SetFlags(directory, name, target, flags);
            }
        }

        report.CountFile();
        return false;
    }

    private bool CopySpecial(DirectoryNode directory, CName name)
    {
        try
        {
            var isFirst = true;
            if (status.Links > 1)
            {
                isFirst = links.CreateOrLink(directory, name, status.Identity, CreateSpecial);
            }
            else
            {
                CreateSpecial(directory, name);
            }

            if (isFirst)
            {
                var flags = Metadata.ApplyByName(directory, name, status);
                if (status.Links > 1 && Attributes.Protects(flags))
                {
                    links.ProtectAtTheEnd(status.Identity, flags);
                }
                else
                {
                    Metadata.SetFlags(directory, name, directory.Target, name, flags);
                }
            }

            report.CountFile();
        }
        catch (NativeException e) when (e.Failure is Failure.NotPermitted or Failure.NotSupported or Failure.Invalid)
        {
            report.Lost(directory, name, $"{FileKinds.Word(status.Kind)}: {e.Reason}");
        }

        return false;
    }

    private void Create(DirectoryNode directory, CName name) => created = Files.CreateNew(directory.Target, name, status.Mode & 0x1ff);

    private void CreateSpecial(DirectoryNode directory, CName name)
    {
        if (status.Kind == FileKind.SymbolicLink)
        {
            Files.MakeSymbolicLink(Files.ReadSymbolicLink(directory.Source, name), directory.Target, name);
        }
        else
        {
            Files.MakeNode(directory.Target, name, status.Kind, status.Mode & 0x1ff, status.RawDevice);
        }
    }
}
