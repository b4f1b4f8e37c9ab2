using System;
using Kvol.Native;
using Kvol.Storage.Values;

namespace Kvol.Storage.Archives;

/// <summary>Where an archive goes: standard output, or a file that is there when it is complete and not before.</summary>
internal sealed class ArchiveTarget : IDisposable
{
    private readonly Fd directory = Fd.None;
    private readonly ByteString? name, temporary;

    private ArchiveTarget(Fd file) => File = file;

    private ArchiveTarget(Fd file, Fd directory, ByteString name, ByteString temporary) => (File, this.directory, this.name, this.temporary) = (file, directory, name, temporary);

    /// <summary>To write to.</summary>
    public Fd File { get; }

    /// <summary>Standard output when <paramref name="path"/> is null. A device or pipe is written to as it is; a file is written under another name beside
    /// it, so that what it replaces stays until the new one is complete.</summary>
    public static ArchiveTarget Open(string? path)
    {
        if (path is null)
        {
            return new ArchiveTarget(new Fd(1));
        }

        var full = System.IO.Path.GetFullPath(path);
        var slash = full.LastIndexOf('/');
        ByteString name = new(full[(slash + 1)..]), temporary = new($".{full[(slash + 1)..]}.kvol-new");
        Fd directory;
        try
        {
            directory = Files.OpenDirectory(new ByteString(slash == 0 ? "/" : full[..slash]));
        }
        catch (NativeException e)
        {
            throw Failed(path, e);
        }

        try
        {
            if (Files.Exists(directory, name) && Files.Status(directory, name).Kind is not FileKind.Regular and var kind)
            {
                return kind is FileKind.Directory or FileKind.SymbolicLink or FileKind.Socket
                    ? throw new KvolException(ExitStatus.CannotCreate, path, $"is a {FileKinds.Word(kind)} and is not replaced; name a file")
                    : new ArchiveTarget(Files.OpenOrCreate(directory, name, 0x180));
            }

            var file = Files.OpenOrCreate(directory, temporary, 0x180);
            if (!Files.Lock(file, wait: false))
            {
                file.Dispose();
                throw new KvolException(ExitStatus.Busy, path, "is being written by another kvol; try again when it has ended");
            }

            Content.SetLength(file, 0); // a crash left it
            return new ArchiveTarget(file, directory, name, temporary);
        }
        catch (NativeException e)
        {
            directory.Dispose();
            throw Failed(path, e);
        }
    }

    /// <summary>Puts the file in its place, durably.</summary>
    public void Commit()
    {
        if (temporary is not null)
        {
            Files.Sync(File);
            Files.Rename(directory, temporary, directory, name!);
            Files.Sync(directory);
        }
    }

    /// <summary>Removes what is not complete.</summary>
    public void Abandon()
    {
        if (temporary is not null)
        {
            Files.Remove(directory, temporary);
        }
    }

    public void Dispose()
    {
        if (File.Number > 1)
        {
            File.Dispose();
        }

        directory.Dispose();
    }

    private static KvolException Failed(string path, NativeException e) => new(ExitStatus.CannotCreate, path, $"cannot be written: {e.Reason}");
}
