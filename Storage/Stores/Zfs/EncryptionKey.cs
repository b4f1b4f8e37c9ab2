using System;
using System.Buffers.Binary;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>The key of an encrypted dataset. It is read from a file in the same way as by zfs-load-key(8), so that both can load
/// it.</summary>
internal static class EncryptionKey
{
    /// <summary>Values of the property keyformat: enum zfs_keyformat, include/sys/fs/zfs.h.</summary>
    public const ulong Raw = 1, Hex = 2, Passphrase = 3;

    /// <summary>zfsprops(7) pbkdf2iters.</summary>
    public const ulong Iterations = 350_000;

    private const int Length = 32, Longest = 512, ShortestPassphrase = 8;

    /// <summary>The key format of a file's content: 64 hexadecimal digits, 32 bytes that are not text, or a passphrase of 8 to 512 bytes.
    /// Otherwise an error (64).</summary>
    public static ulong FormatOf(string file)
    {
        var content = Read(file);
        var line = Line(content);
        return line.Length == 2 * Length && line.All(b => char.IsAsciiHexDigit((char)b)) ? Hex
            : content.Length == Length && content[..^1].Any(b => b is < 0x20 or >= 0x7f) ? Raw
            : line.Length is >= ShortestPassphrase and <= Longest && Array.IndexOf(line, (byte)0) < 0 ? Passphrase
            : throw Wrong(file, "holds no key: 32 bytes, 64 hexadecimal digits, or a passphrase of 8 to 512 bytes on its first line");
    }

    /// <summary>A salt for a new passphrase.</summary>
    public static ulong NewSalt() => BinaryPrimitives.ReadUInt64LittleEndian(Convert.FromHexString(RandomHex.Of(16)));

    /// <summary>The 32 bytes that the kernel takes. An error (64) if the file does not have that format.</summary>
    public static byte[] Derive(string file, ulong format, ulong salt, ulong iterations)
    {
        var content = Read(file);
        switch (format)
        {
            case Raw when content.Length == Length:
                return content;
            case Hex when Line(content) is { Length: 2 * Length } digits && digits.All(b => char.IsAsciiHexDigit((char)b)):
                return Convert.FromHexString(string.Concat(digits.Select(b => (char)b)));
            case Passphrase:
                var bytes = new byte[sizeof(ulong)];
                BinaryPrimitives.WriteUInt64LittleEndian(bytes, salt);
                return Pbkdf2.Derive(Line(content), bytes, iterations, Length);
            default:
                throw Wrong(file, $"holds no {(format == Raw ? "raw key of 32 bytes" : "key of 64 hexadecimal digits")}, which this "
                    + "volume wants");
        }
    }

    private static byte[] Read(string file)
    {
        try
        {
            using var fd = Files.OpenRead(new ByteString(file));
            var buffer = new byte[Longest + 2];
            var length = 0;
            for (int n; length < buffer.Length && (n = Content.Read(fd, buffer.AsSpan(length))) > 0;)
            {
                length += n;
            }

            return buffer[..length];
        }
        catch (NativeException e)
        {
            throw new KvolException(ExitStatus.NoInput, new ByteString(file).ToString(), $"the key cannot be read: {e.Reason}");
        }
    }

    private static byte[] Line(byte[] content) => Array.IndexOf(content, (byte)'\n') is >= 0 and var end ? content[..end] : content;

    private static KvolException Wrong(string file, string reason) => new(ExitStatus.Usage, new ByteString(file).ToString(), reason);
}
