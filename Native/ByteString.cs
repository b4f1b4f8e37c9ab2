using System;
using System.Text;

namespace Kvol.Native;

/// <summary>A name or path as the kernel has it: bytes without NUL. Decoded for display only.</summary>
internal sealed class ByteString : IEquatable<ByteString>
{
    private readonly byte[] terminated;

    public ByteString(ReadOnlySpan<byte> bytes)
    {
        terminated = new byte[bytes.Length + 1];
        bytes.CopyTo(terminated);
    }

    public ByteString(string text)
    {
        terminated = new byte[Encoding.UTF8.GetByteCount(text) + 1];
        Encoding.UTF8.GetBytes(text, terminated);
    }

    /// <summary>The bytes, without the terminator.</summary>
    public ReadOnlySpan<byte> Bytes => terminated.AsSpan(0, terminated.Length - 1);

    /// <summary>The number of bytes.</summary>
    public int Length => terminated.Length - 1;

    /// <summary>The bytes with a terminating NUL, for one call. Fails like <see cref="CName"/> when they contain a NUL.</summary>
    public ReadOnlySpan<byte> Terminated => CName.Of(terminated).Terminated;

    public static implicit operator CName(ByteString text) => CName.Of(text.terminated);

    /// <summary>Whether this path is <paramref name="prefix"/> or lies below it.</summary>
    public bool IsAtOrBelow(ByteString prefix) =>
        Bytes.StartsWith(prefix.Bytes)
        && (Length == prefix.Length || prefix.Bytes is [.., (byte)'/'] || Bytes[prefix.Length] == '/');

    /// <summary>Whether this path lies below <paramref name="prefix"/>.</summary>
    public bool IsBelow(ByteString prefix) => Length > prefix.Length && IsAtOrBelow(prefix);

    /// <summary>The rest of this path after <paramref name="prefix"/>, which it must start with; begins with the slash, empty when both are
    /// equal.</summary>
    public ByteString After(ByteString prefix) => prefix.Length == 1 ? this : new(Bytes[prefix.Length..]);

    /// <summary>This path followed by the rest of a path, without doubling a slash.</summary>
    public ByteString Plus(ByteString rest) =>
        rest.Length == 0 ? this
        : Length == 1 && Bytes[0] == '/' && rest.Bytes[0] == '/' ? rest
        : new([.. Bytes, .. rest.Bytes]);

    public bool Equals(ByteString? other) => other is not null && Bytes.SequenceEqual(other.Bytes);

    public override bool Equals(object? obj) => Equals(obj as ByteString);

    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.AddBytes(Bytes);
        return hash.ToHashCode();
    }

    /// <summary>For programs: the exact text when the bytes are UTF-8; otherwise as for people, because no string can hold them.</summary>
    public string Text => IsText ? Encoding.UTF8.GetString(Bytes) : ToString();

    /// <summary>Whether the bytes are UTF-8, so that <see cref="Text"/> is what they say and not only how they are shown.</summary>
    public bool IsText => System.Text.Unicode.Utf8.IsValid(Bytes);

    /// <summary>Whether <see cref="ToString"/> is this text.</summary>
    public bool Is(string text) => Ascii.Equals(Bytes, text) || ToString() == text;

    /// <summary>For people: one line; control characters and invalid UTF-8 appear as <c>\xNN</c>.</summary>
    public override string ToString() => Display(Bytes);

    /// <inheritdoc cref="ToString"/>
    public static string Display(ReadOnlySpan<byte> bytes)
    {
        if (!bytes.ContainsAnyExceptInRange((byte)' ', (byte)'~'))
        {
            return Encoding.ASCII.GetString(bytes);
        }

        var text = new StringBuilder(bytes.Length);
        while (!bytes.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(bytes, out var rune, out var used) == System.Buffers.OperationStatus.Done && !Rune.IsControl(rune))
            {
                text.Append(rune.ToString());
            }
            else
            {
                foreach (var b in bytes[..used])
                {
                    text.Append("\\x").Append(b.ToString("x2", null));
                }
            }

            bytes = bytes[used..];
        }

        return text.ToString();
    }
}
