using System;
using Kvol.Native;

namespace Kvol.Storage.Archives;

/// <summary>A member that is skipped, and why; the import continues after it.</summary>
internal sealed class RefusedException(string reason) : Exception(reason)
{
    /// <summary>Says why kvol refused a member, from the exception; null when the failure concerns more than that member.</summary>
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

/// <summary>The path of a member inside the volume, chosen by strangers: names separated by one slash.</summary>
internal sealed class ArchivePath
{
    private readonly ReadOnlyMemory<byte> bytes;
    private readonly int nameAt;

    private ArchivePath(ReadOnlyMemory<byte> bytes, int nameAt)
    {
        (this.bytes, this.nameAt) = (bytes, nameAt);
        Name = new ByteString(bytes.Span[nameAt..]);
    }

    /// <summary>All of it; nothing for the top directory.</summary>
    public ReadOnlySpan<byte> Bytes => bytes.Span;

    /// <summary>The directory that it is in; nothing for the top directory.</summary>
    public ReadOnlySpan<byte> Parent => nameAt == 0 ? default : bytes.Span[..(nameAt - 1)];

    /// <summary>Its name there.</summary>
    public ByteString Name { get; }

    public bool IsTop => bytes.IsEmpty;

    /// <summary>Whether it is an entry of the top directory.</summary>
    public bool IsAtTop => nameAt == 0 && !IsTop;

    /// <summary>Takes a name of an archive. Refused when it could lead out of the volume.</summary>
    public static ArchivePath Parse(ByteString path)
    {
        var rest = path.Bytes;
        if (rest is [] or [(byte)'/', ..])
        {
            throw new RefusedException(rest.IsEmpty ? "an empty name" : "an absolute name, which is not one inside the volume");
        }

        if (rest.Contains((byte)0))
        {
            throw new RefusedException("a name with a NUL in it, which no file can have");
        }

        var plain = new byte[rest.Length];
        int length = 0, nameAt = 0;
        foreach (var range in rest.Split((byte)'/'))
        {
            var name = rest[range];
            if (name.SequenceEqual(".."u8))
            {
                throw new RefusedException("a name with '..', which could lead out of the volume");
            }

            if (!name.IsEmpty && !name.SequenceEqual("."u8))
            {
                nameAt = length == 0 ? 0 : length + 1;
                plain[Math.Max(nameAt - 1, 0)] = (byte)'/';
                name.CopyTo(plain.AsSpan(nameAt));
                length = nameAt + name.Length;
            }
        }

        return new ArchivePath(plain.AsMemory(0, length), nameAt);
    }
}
