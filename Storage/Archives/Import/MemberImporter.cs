using System;
using Kvol.Native;
using Kvol.Storage.Values;

namespace Kvol.Storage.Archives;

/// <summary>Makes one member of an archive that is not a directory. It replaces an existing entry of that name, as tar does, but not a
/// directory.</summary>
internal sealed class MemberImporter(TarReader reader, Fd top, ExactNames exact, MetadataWriter metadata, CopyReport report,
    Action checkInterrupt) : IDisposable
{
    private const string IsThere = "a directory of this name already exists";

    private readonly OpenPath targets = new(top, exact);

    public void Dispose() => targets.Dispose();

    /// <summary>Makes a directory, or uses the one that is there; it is completed at the end.</summary>
    public void MakeDirectory(Fd parent, ByteString name)
    {
        try
        {
            Files.MakeDirectory(parent, name, Permissions.OwnerOnly);
        }
        catch (NativeException e) when (e.Failure == Failure.Exists)
        {
            exact.Require(parent, name);
            if (!Files.Status(parent, name).IsDirectory)
            {
                Files.Remove(parent, name);
                Files.MakeDirectory(parent, name, Permissions.OwnerOnly);
            }
        }
    }

    /// <summary>Makes a member in its directory, with all but the flags that forbid changes.</summary>
    public void Make(Fd parent, ArchivePath path, TarEntry entry, int flags)
    {
        var name = path.Name;
        switch (entry.Kind)
        {
            case TarKind.Regular:
                MakeFile(parent, name, entry, flags);
                break;
            case TarKind.HardLink:
                MakeHardLink(parent, path, entry);
                break;
            case TarKind.SymbolicLink when entry.Target!.Length == 0:
                throw new RefusedException("a symbolic link to nothing");
            case TarKind.SymbolicLink:
                Replacing(parent, name, () => Files.MakeSymbolicLink(entry.Target!, parent, name));
                Complete(parent, name, entry, flags);
                break;
            default:
                var kind = entry.Kind switch
                {
                    TarKind.CharacterDevice => FileKind.CharacterDevice,
                    TarKind.BlockDevice =>
                    FileKind.BlockDevice,
                    _ => FileKind.Fifo
                };
                Replacing(parent, name, () => Files.MakeNode(parent, name, kind, entry.Mode & Permissions.Everyone,
                    DeviceNumber.Make(entry.DeviceMajor, entry.DeviceMinor)));
                Complete(parent, name, entry, flags);
                break;
        }

        report.CountFile();
    }

    /// <summary>Makes a regular file whose data is there, with all but the flags that forbid changes.</summary>
    public void MakeFile(Fd parent, ByteString name, TarEntry entry, int flags, ReadOnlySpan<byte> data)
    {
        using (var file = Create(parent, name, entry))
        {
            try
            {
                Content.Write(file, data, 0);
                Complete(file, entry, flags);
            }
            catch (NativeException)
            {
                Files.Remove(parent, name);
                throw;
            }
        }

        report.CountBytes(data.Length);
        report.CountFile();
    }

    private void MakeFile(Fd parent, ByteString name, TarEntry entry, int flags)
    {
        using var file = Create(parent, name, entry);
        try
        {
            Fill(file, entry);
            Complete(file, entry, flags);
        }
        catch (Exception e) when (e is RefusedException or NativeException)
        {
            Files.Remove(parent, name);
            throw;
        }
    }

    private void Complete(Fd file, TarEntry entry, int flags)
    {
        metadata.Apply(file, CName.Empty, entry);
        if (!Attributes.Protects(flags))
        {
            metadata.SetFlags(file, entry, flags);
        }
    }

    private Fd Create(Fd parent, ByteString name, TarEntry entry)
    {
        try
        {
            return Files.CreateNew(parent, name, entry.Mode & Permissions.Everyone);
        }
        catch (NativeException e) when (e.Failure == Failure.Exists)
        {
            RemoveFile(parent, name);
            return Files.CreateNew(parent, name, entry.Mode & Permissions.Everyone);
        }
    }

    private void RemoveFile(Fd parent, ByteString name)
    {
        exact.Require(parent, name);
        if (Files.Status(parent, name).IsDirectory)
        {
            throw new RefusedException(IsThere);
        }

        Files.Remove(parent, name);
    }

    private void Fill(Fd file, TarEntry entry)
    {
        if (entry.Extents is null)
        {
            Copy(file, 0, reader.Remaining);
            return;
        }

        try
        {
            Content.SetLength(file, entry.Size);
        }
        catch (NativeException e) when (e.Failure != Failure.NoSpace)
        {
            throw new RefusedException($"is {entry.Size} bytes long, which this file system does not support: {e.Reason}");
        }

        foreach (var extent in entry.Extents)
        {
            Copy(file, extent.Offset, extent.Length);
        }
    }

    private void Copy(Fd file, long offset, long length)
    {
        while (length > 0)
        {
            var data = reader.TakeData(length);
            Content.Write(file, data, offset);
            report.CountBytes(data.Length);
            offset += data.Length;
            length -= data.Length;
            if (length > 0)
            {
                checkInterrupt();
            }
        }
    }

    private void MakeHardLink(Fd parent, ArchivePath path, TarEntry entry)
    {
        var shown = CopyReport.Shorten(entry.Target!);
        try
        {
            var target = ArchivePath.Parse(entry.Target!);
            if (target.IsTop || target.Bytes.SequenceEqual(path.Bytes))
            {
                throw new RefusedException("to itself or to the top directory");
            }

            var directory = targets.Go(target.Parent, make: false);
            if (Files.Status(directory, target.Name).IsDirectory)
            {
                throw new RefusedException("to a directory");
            }

            exact.Require(directory, target.Name);
            Replacing(parent, path.Name, () => Files.MakeHardLink(directory, target.Name, parent, path.Name));
        }
        catch (RefusedException e)
        {
            throw new RefusedException($"a hard link to '{shown}': {e.Message}");
        }
        catch (NativeException e) when (e.Failure is Failure.NotFound or Failure.NotPermitted)
        {
            throw new RefusedException($"a hard link to '{shown}': {e.Reason}");
        }
    }

    private void Complete(Fd parent, ByteString name, TarEntry entry, int flags)
    {
        try
        {
            metadata.Apply(parent, name, entry);
            if (!Attributes.Protects(flags))
            {
                metadata.SetFlags(parent, name, entry, flags);
            }
        }
        catch (NativeException)
        {
            Files.Remove(parent, name);
            throw;
        }
    }

    private void Replacing(Fd parent, ByteString name, Action make)
    {
        try
        {
            make();
        }
        catch (NativeException e) when (e.Failure == Failure.Exists)
        {
            RemoveFile(parent, name);
            make();
        }
    }
}
