using System;
using System.Collections.Generic;
using Kvol.Native;

namespace Kvol.Storage.Archive;

/// <summary>A member that is not taken, and why; the archive goes on after it.</summary>
internal sealed class RefusedException(string reason) : Exception(reason);

/// <summary>Names inside an archive, which strangers chose.</summary>
internal static class ArchivePath
{
    /// <summary>The directories and the name that a path goes through; none for the top directory. Refused when it could lead out of the volume.</summary>
    public static ByteString[] Parse(ByteString path)
    {
        if (path.Bytes is [(byte)'/', ..])
        {
            throw new RefusedException("an absolute name, which is not one inside the volume");
        }

        var names = new List<ByteString>();
        foreach (var range in path.Bytes.Split((byte)'/'))
        {
            var name = path.Bytes[range];
            if (name.SequenceEqual(".."u8))
            {
                throw new RefusedException("a name with '..', which could lead out of the volume");
            }

            if (!name.IsEmpty && !name.SequenceEqual("."u8))
            {
                names.Add(new ByteString(name));
            }
        }

        return path.Length == 0 ? throw new RefusedException("an empty name") : [.. names];
    }
}
