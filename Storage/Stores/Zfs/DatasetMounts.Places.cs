using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <content>The directories that datasets are mounted on.</content>
internal sealed partial class DatasetMounts
{
    private static Fd OpenMountpoint(string path)
    {
        try
        {
            return OpenOrMakeLast(path) ?? HostDirectory.OpenOrMake(path);
        }
        catch (NativeException e)
        {
            throw new KvolException(ExitStatus.CannotCreate, path, $"cannot be made or opened as a mountpoint: {e.Reason}");
        }
    }

    /// <summary>The most frequent case: one new directory in an existing one.</summary>
    private static Fd? OpenOrMakeLast(string path)
    {
        try
        {
            Files.MakeDirectory(Files.Here, new ByteString(path), Permissions.AllEnter);
        }
        catch (NativeException e) when (e.Failure == Failure.Exists)
        {
        }
        catch (NativeException e) when (!e.IsWrongQuestion)
        {
            return null;
        }

        return Files.OpenDirectory(new ByteString(path));
    }

    private static bool IsAt(ByteString path, ulong id)
    {
        try
        {
            return Files.Status(Files.Here, path).MountId == id;
        }
        catch (NativeException e) when (!e.IsWrongQuestion)
        {
            return false;
        }
    }

    private static string? FirstHidden(Fd directory)
    {
        using var listing = Files.Reopen(directory);
        var reader = new DirectoryReader();
        reader.Start(listing);
        return reader.MoveNext() ? reader.Name.ToString() : null;
    }
}
