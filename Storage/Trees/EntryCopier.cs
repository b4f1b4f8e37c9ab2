using System;
using Kvol.Native;
using Kvol.Storage.Values;

namespace Kvol.Storage.Trees;

/// <summary>Copies one directory entry that is not a directory. One for each worker: its buffers are its own.</summary>
internal sealed class EntryCopier(CopyReport report, HardLinks links, HeldFlags held, bool clone, Action checkInterrupt)
{
    /// <summary>The report for a name that the copy already has, because a file system ignores case or lists a name twice.</summary>
    public const string SameName = "another entry of this directory has the same name here: not copied";

    private const string ManyNames = "a hard link, but the file has as many names as this file system allows: copied as another file";

    private const string MountedHere = "something is mounted here: not copied", Vanished = "vanished while the directory was being copied",
        ChangedType = "changed its type while it was being copied";

    private readonly FileContents contents = new(report, clone);
    private Fd created = Fd.None;
    private FileStatus status;

    public FileMetadata Metadata { get; } = new(report, held);

    /// <summary>Copies an entry. True when it turns out to be a directory, which the caller must copy.</summary>
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
            report.Lost(directory, name, Vanished);
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
        catch (NativeException e) when (e.Failure == Failure.NotFound)
        {
            report.Lost(directory, name, Vanished);
            return false;
        }
        catch (NativeException e) when (e.Failure is Failure.Loop or Failure.NoDevice or Failure.NotSupported or Failure.NotPermitted
            && !IsRegular(directory, name))
        {
            report.Lost(directory, name, ChangedType); // a link, a socket, a device
            return false;
        }

        using (source)
        {
            status = Files.Status(source);
            if (status.Kind != FileKind.Regular || status.MountId != directory.Status.MountId)
            {
                report.Lost(directory, name, status.MountId != directory.Status.MountId ? MountedHere : ChangedType);
                return false;
            }

            if (!Make(directory, name, Create, out var isFirst))
            {
                return false;
            }

            if (!isFirst)
            {
                report.CountFile();
                return false;
            }

            using var target = created;
            if (contents.Copy(source, target, status, checkInterrupt) is { } change)
            {
                report.Lost(directory, name, change);
            }

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
        if (!Make(directory, name, CreateSpecial, out var isFirst))
        {
            return false;
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
        return false;
    }

    // Makes the entry, or a link to the first one of its file. False when the target cannot store it, which is reported. Only root can
    // write to the staging directory, so this copy made any name that already exists.
    private bool Make(DirectoryNode directory, CName name, HardLinks.CreateFile create, out bool isFirst)
    {
        isFirst = true;
        try
        {
            if (status.Links > 1)
            {
                isFirst = links.CreateOrLink(directory, name, status.Identity, create);
            }
            else
            {
                create(directory, name);
            }

            return true;
        }
        catch (NativeException e) when (e.IsLinkLimit)
        {
            links.CreateAnother(directory, name, status.Identity, create);
            report.Lost(directory, name, ManyNames);
            isFirst = true;
            return true;
        }
        catch (NativeException e) when (e.Failure == Failure.Exists)
        {
            report.Lost(directory, name, SameName);
        }
        catch (NativeException e) when (e.Failure == Failure.NotFound && e.Call == "readlinkat")
        {
            report.Lost(directory, name, Vanished);
        }
        catch (NativeException e) when (e.Failure == Failure.Invalid && e.Call == "readlinkat")
        {
            report.Lost(directory, name, ChangedType);
        }
        catch (NativeException e)
            when (Keeping.IsLoss(e, directory.Target) && !(status.Kind == FileKind.Regular && e.Failure == Failure.NotPermitted))
        {
            // a file system may refuse a device, but not every ordinary file
            report.Lost(directory, name, $"{FileKinds.Word(status.Kind)}: {e.Reason}");
        }

        return false;
    }

    private static bool IsRegular(DirectoryNode directory, CName name)
    {
        try
        {
            return Files.Status(directory.Source, name).Kind == FileKind.Regular;
        }
        catch (NativeException e) when (e.Failure == Failure.NotFound)
        {
            return false;
        }
    }

    private void Create(DirectoryNode directory, CName name) =>
        created = Files.CreateNew(directory.Target, name, status.Mode & Permissions.Everyone);

    private void CreateSpecial(DirectoryNode directory, CName name)
    {
        if (status.Kind == FileKind.SymbolicLink)
        {
            Files.MakeSymbolicLink(Files.ReadSymbolicLink(directory.Source, name), directory.Target, name);
        }
        else
        {
            Files.MakeNode(directory.Target, name, status.Kind, status.Mode & Permissions.Everyone, status.RawDevice);
        }
    }
}
