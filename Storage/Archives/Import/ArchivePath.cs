using System;
using Kvol.Native;

namespace Kvol.Storage.Archives;

/// <summary>A member that is not taken, and why; the archive goes on after it.</summary>
internal sealed class RefusedException(string reason) : Exception(reason)
{
    /// <summary>Why a member could not be taken that failed like this; null when it is no failure of the member alone.</summary>
    public static string? ReasonOf(Exception e) => e switch
    {
        RefusedException => e.Message,
        NativeException
        {
            Failure: Failure.NotFound or Failure.Exists or Failure.NotDirectory or Failure.IsDirectory or Failure.NotPermitted
            or Failure.NotSupported or Failure.Loop or Failure.NameTooLong or Failure.NotEmpty or Failure.Invalid
        } failed => failed.Reason,
        _ => null,
    };
}

/// <summary>Names inside an archive, which strangers chose.</summary>
internal static class ArchivePath
{
    /// <summary>The directories and the name that a path goes through; none for the top directory. Refused when it could lead out of the
    /// volume.</summary>
    public static ByteString[] Parse(ByteString path)
    {
        if (path.Bytes is [(byte)'/', ..])
        {
            throw new RefusedException("an absolute name, which is not one inside the volume");
        }

        if (path.Bytes.Contains((byte)0))
        {
            throw new RefusedException("a name with a NUL in it, which no file can have");
        }

        var count = 0;
        foreach (var range in path.Bytes.Split((byte)'/'))
        {
            var name = path.Bytes[range];
            if (name.SequenceEqual(".."u8))
            {
                throw new RefusedException("a name with '..', which could lead out of the volume");
            }

            count += IsName(name) ? 1 : 0;
        }

        var names = new ByteString[count];
        foreach (var range in path.Bytes.Split((byte)'/'))
        {
            if (IsName(path.Bytes[range]))
            {
                names[^count--] = new ByteString(path.Bytes[range]);
            }
        }

        return path.Length == 0 ? throw new RefusedException("an empty name") : names;
    }

    private static bool IsName(ReadOnlySpan<byte> name) => !name.IsEmpty && !name.SequenceEqual("."u8);
}
