using System;
using Kvol.Native;
using Kvol.Storage.Values;

namespace Kvol.Storage.Base;

/// <summary>Directories of the host by the administrator's own path: links in it are followed.</summary>
internal static class HostDirectory
{
    /// <summary>Opens a directory to read, made with what is missing above it: mode 0755, owned by root.</summary>
    public static Fd OpenOrMake(string path)
    {
        var current = Files.OpenDirectory(CName.Of("/\0"u8));
        foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            using var parent = current;
            var name = new ByteString(part);
            try
            {
                Files.MakeDirectory(parent, name, Permissions.AllEnter);
            }
            catch (NativeException e) when (e.Failure is Failure.Exists or Failure.ReadOnly)
            {
            }

            current = Files.OpenDirectory(new ByteString([.. Files.PathOf(parent).Bytes, (byte)'/', .. name.Bytes]));
        }

        return current;
    }
}
