using System;
using Kvol.Native;
using Kvol.Storage.Values;

namespace Kvol.Storage.Base;

/// <summary>Directories of the host by the administrator's own path: links in it are followed.</summary>
internal static class HostDirectory
{
    /// <summary>Opens a directory to read, made with what is missing above it: mode 0755, owned by root. <paramref name="made"/> is called
    /// with the path and the identity of each directory that was made, from above down.</summary>
    public static Fd OpenOrMake(string path, Action<ByteString, FileIdentity>? made = null)
    {
        var current = Files.OpenDirectory(CName.Of("/\0"u8));
        foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            using var parent = current;
            var name = new ByteString(part);
            var isNew = false;
            try
            {
                Files.MakeDirectory(parent, name, Permissions.AllEnter);
                isNew = true;
            }
            catch (NativeException e) when (e.Failure is Failure.Exists or Failure.ReadOnly)
            {
            }

            var there = new ByteString([.. Files.PathOf(parent).Bytes, (byte)'/', .. name.Bytes]);
            current = Files.OpenDirectory(there);
            if (isNew)
            {
                made?.Invoke(there, Files.Status(current).Identity);
            }
        }

        return current;
    }

    /// <summary>Removes a directory that <see cref="OpenOrMake"/> made, if it is still that one, and empty.</summary>
    public static void RemoveUnused(ByteString path, FileIdentity identity)
    {
        try
        {
            if (Files.Status(Files.Here, path).Identity == identity)
            {
                Files.RemoveDirectory(Files.Here, path);
            }
        }
        catch (NativeException e) when (e.Failure is Failure.NotFound or Failure.NotDirectory or Failure.NotEmpty or Failure.Busy)
        {
            // another program removed it, or uses it
        }
    }
}
