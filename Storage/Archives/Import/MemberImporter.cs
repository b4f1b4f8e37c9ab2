using System;
using Kvol.Native;
using Kvol.Storage.Values;

namespace Kvol.Storage.Archives;

/// <summary>Makes one member of an archive that is not a directory. What has its name already is replaced, as tar does; a directory is
/// not.</summary>
internal sealed class MemberImporter(TarReader reader, Fd top, MetadataWriter metadata, CopyReport report, Action checkInterrupt)
{
    private const string IsThere = "a directory of this name is there already";

    /// <summary>Makes a directory, or uses the one that is there; it is completed at the end.</summary>
    public static void MakeDirectory(Fd parent, ByteString name)
    {
        try
        {
            Files.MakeDirectory(parent, name, Permissions.OwnerOnly);
        }
        catch (NativeException e) when (e.Failure == Failure.Exists)
        {
            if (!Files.Status(parent, name).IsDirectory)
            {
                Files.Remove(parent, name);
                Files.MakeDirectory(parent, name, Permissions.OwnerOnly);
            }
        }
    }

    /// <summary>Makes a member in its directory, with all but the flags that forbid changes.</summary>
    public void Make(Fd parent, ByteString[] names, TarEntry entry, int flags)
    {
        var name = names[^1];
        switch (entry.Kind)
        {
            case TarKind.Regular:
                MakeFile(parent, name, entry, flags);
                break;
            case TarKind.HardLink:
                MakeHardLink(parent, names, entry);
                break;
            case TarKind.SymbolicLink when entry.Target!.Length == 0:
                throw new RefusedException("a symbolic link to nothing");
            case TarKind.SymbolicLink:
                Replacing(parent, name, () => Files.MakeSymbolicLink(entry.Target!, parent, name));
                Complete(parent, name, entry, flags);
                break;
            default:
                var kind = entry.Kind switch { TarKind.CharacterDevice => FileKind.CharacterDevice, TarKind.BlockDevice =>
                    FileKind.BlockDevice, _ => FileKind.Fifo };
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

    private static Fd Create(Fd parent, ByteString name, TarEntry entry)
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

    private static void RemoveFile(Fd parent, ByteString name)
    {
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
            throw new RefusedException($"is {entry.Size} bytes long, which cannot be had here: {e.Reason}");
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

    private void MakeHardLink(Fd parent, ByteString[] names, TarEntry entry)
    {
        var shown = entry.Target!.ToString();
        try
        {
            var target = ArchivePath.Parse(entry.Target);
            if (target.Length == 0 || target.AsSpan().SequenceEqual(names))
            {
                throw new RefusedException("to itself or to the top directory");
            }

            using var path = new OpenPath(top);
            var directory = path.Go(target.AsSpan()[..^1], make: false);
            if (Files.Status(directory, target[^1]).IsDirectory)
            {
                throw new RefusedException("to a directory");
            }

            Replacing(parent, names[^1], () => Files.MakeHardLink(directory, target[^1], parent, names[^1]));
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

    private static void Replacing(Fd parent, ByteString name, Action make)
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
