using System;
using System.Threading;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Storage.Archives;

/// <summary>Where an archive goes: standard output, or a file that gets its name only when it is complete.</summary>
internal sealed class ArchiveTarget : IDisposable
{
    private readonly Fd directory = Fd.None;
    private readonly NewFile? made;
    private readonly ByteString? name;
    private readonly string path = "";

    private ArchiveTarget(Fd file) => File = file;

    private ArchiveTarget(NewFile made, Fd directory, ByteString name, string path) =>
        (File, this.made, this.directory, this.name, this.path) = (made.File, made, directory, name, path);

    /// <summary>To write to.</summary>
    public Fd File { get; }

    /// <summary>Standard output when <paramref name="path"/> is null. A device or fifo of root's is written to directly. Otherwise a new
    /// file is made: the old one stays until the new one is complete, and kvol never writes into a file that another process put
    /// there.</summary>
    public static ArchiveTarget Open(string? path, Action interrupt)
    {
        if (path is null)
        {
            return new ArchiveTarget(new Fd(1));
        }

        var full = HostPath.Absolute(path);
        var slash = full.LastIndexOf('/');
        var name = new ByteString(full[(slash + 1)..]);
        if (name.Length == 0)
        {
            throw Unfit(path, "is a directory; name a file");
        }

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
            if (Files.Exists(directory, name) && Files.Status(directory, name) is { Kind: not FileKind.Regular } there)
            {
                using var _ = directory;
                return new ArchiveTarget(OpenSpecial(directory, name, there, path, interrupt));
            }

            return new ArchiveTarget(new NewFile(directory), directory, name, path);
        }
        catch (NativeException e)
        {
            directory.Dispose();
            throw Failed(path, e);
        }
        catch
        {
            directory.Dispose();
            throw;
        }
    }

    /// <summary>Checks that a file could be made at a path, without making it; an error if not. An earlier step of
    /// <paramref name="plan"/> may make its directory.</summary>
    public static void Check(string? path, Plan plan)
    {
        if (path is null)
        {
            return;
        }

        var full = HostPath.Absolute(path);
        var slash = full.LastIndexOf('/');
        if (slash == full.Length - 1)
        {
            throw Unfit(path, "is a directory; name a file");
        }

        var parent = new ByteString(slash == 0 ? "/" : full[..slash]);
        try
        {
            if (!plan.Makes(parent))
            {
                Files.OpenDirectory(parent).Dispose();
            }
        }
        catch (NativeException e)
        {
            throw Failed(path, e);
        }
    }

    /// <summary>Gives the file its name, durably; an error (75) when another process replaced the file before that.</summary>
    public void Commit()
    {
        if (made is null)
        {
            return;
        }

        try
        {
            made.Commit(name!);
            if (Files.Status(directory, name!).Identity != Files.Status(File).Identity)
            {
                throw new KvolException(ExitStatus.Busy, path,
                    "was replaced while it was being written; write to a directory that others cannot write to");
            }
        }
        catch (NativeException e)
        {
            throw Failed(path, e);
        }
    }

    /// <summary>Closes it; a file that was not committed is gone.</summary>
    public void Dispose()
    {
        made?.Dispose();
        if (made is null && File.Number > 1)
        {
            File.Dispose();
        }

        directory.Dispose();
    }

    /// <summary>Opens a device or fifo that only root can have put there: otherwise the owner of a fifo, or whoever linked one under this
    /// name, could read the archive.</summary>
    private static Fd OpenSpecial(Fd directory, ByteString name, in FileStatus there, string path, Action interrupt)
    {
        if (there.Kind is not (FileKind.Fifo or FileKind.CharacterDevice or FileKind.BlockDevice))
        {
            throw Unfit(path, $"is a {FileKinds.Word(there.Kind)} and is not replaced; name a file");
        }

        if (there.Uid != 0 || there.Links != 1)
        {
            throw Unfit(
                path, $"is a {FileKinds.Word(there.Kind)} of uid {there.Uid} with {Plural.Of((long)there.Links, "name")}; kvol writes only "
                + $"to one of root's with one name; leave -o out and let the shell open it: > {Shown.Quoted(path)}");
        }

        while (true)
        {
            try
            {
                var file = Files.OpenWrite(directory, name);
                if (Files.Status(file).Identity != there.Identity)
                {
                    file.Dispose();
                    throw new KvolException(ExitStatus.Busy, path, "was replaced while it was being opened; try again");
                }

                Files.SetBlocking(file);
                return file;
            }
            catch (NativeException e) when (e.Failure == Failure.NoDevice && there.Kind == FileKind.Fifo)
            {
                interrupt(); // no process reads it yet
                Thread.Sleep(50);
            }
        }
    }

    private static KvolException Unfit(string path, string reason) => new(ExitStatus.CannotCreate, path, reason);

    private static KvolException Failed(string path, NativeException e) => Unfit(path, $"cannot be written: {e.Reason}");
}
