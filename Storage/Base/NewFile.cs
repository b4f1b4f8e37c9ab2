using System;
using Kvol.Native;
using Kvol.Storage.Values;

namespace Kvol.Storage.Base;

/// <summary>A file that gets its name when it is complete. Until then it has no name, so no other process can prepare, open or replace it,
/// and a crash leaves nothing. Where the file system has no such files, it gets a new random name (O_EXCL).</summary>
internal sealed class NewFile : IDisposable
{
    private readonly Fd directory;
    private ByteString? name;
    private bool isUnnamed;

    /// <summary>Makes the file in a directory that the caller keeps and closes.</summary>
    public NewFile(Fd directory, uint mode = Permissions.OwnerReadsAndWrites)
    {
        this.directory = directory;
        File = Files.CreateUnnamed(directory, mode);
        isUnnamed = File.IsOpen;
        while (!isUnnamed)
        {
            name = RandomName();
            File = Files.CreateNew(directory, name, mode);

            // The lock tells gc that the file is in use; gc may have removed it between the two calls.
            if (Files.Lock(File, wait: false) && Files.Status(File).Links > 0)
            {
                return;
            }

            File.Dispose();
        }
    }

    /// <summary>The file, open for writing.</summary>
    public Fd File { get; }

    /// <summary>Whether a name is that of a file that a crash left.</summary>
    public static bool IsLeftover(ReadOnlySpan<byte> name) => name.StartsWith(".kvol-new-"u8);

    /// <summary>Gives it its name, replacing any file of that name, and makes it durable.</summary>
    public void Commit(ByteString final)
    {
        Files.Sync(File);
        if (!isUnnamed || !Files.TryLink(File, directory, final))
        {
            // linkat(2) replaces nothing, so replacing a file takes a second step.
            if (isUnnamed)
            {
                var random = RandomName();
                _ = Files.Lock(File, wait: false); // for gc, as long as it has that name
                _ = Files.TryLink(File, directory, random);
                (name, isUnnamed) = (random, false);
            }

            Files.Rename(directory, name!, directory, final);
            name = null;
        }

        isUnnamed = false;
        Files.Sync(directory);
    }

    /// <summary>Gives it its name, durably; false when the name already exists.</summary>
    public bool TryCommit(ByteString final)
    {
        Files.Sync(File);
        if (isUnnamed)
        {
            isUnnamed = !Files.TryLink(File, directory, final);
            Files.Sync(directory);
            return !isUnnamed;
        }

        try
        {
            Files.MakeHardLink(directory, name!, directory, final);
            return true;
        }
        catch (NativeException e) when (e.Failure == Failure.Exists)
        {
            return false;
        }
        finally
        {
            Remove();
            Files.Sync(directory);
        }
    }

    /// <summary>Closes it, and removes it when it was not committed.</summary>
    public void Dispose()
    {
        File.Dispose();
        Remove();
    }

    private static ByteString RandomName() => new($".kvol-new-{RandomHex.Of(16)}");

    private void Remove()
    {
        if (name is not null)
        {
            try
            {
                Files.Remove(directory, name);
            }
            catch (NativeException e) when (e.Failure == Failure.NotFound)
            {
                // another process removed it
            }

            name = null;
        }
    }
}
