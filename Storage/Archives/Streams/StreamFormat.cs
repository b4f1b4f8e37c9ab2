using System;
using System.Buffers.Binary;

namespace Kvol.Storage.Archives;

/// <summary>What a stream to import is, by its first bytes.</summary>
internal enum StreamKind
{
    Unknown, Empty, Tar, ZfsStream, ZfsCompoundStream, Compressed,
}

/// <summary>Tells streams apart.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Program">The program that unpacks it, when it is compressed.</param>
internal readonly record struct StreamFormat(StreamKind Kind, string? Program = null)
{
    /// <summary>How many bytes it wants to see.</summary>
    public const int HeadLength = TarBlock.Size;

    // sys/zfs_ioctl.h of OpenZFS: dmu_replay_record begins with its type (DRR_BEGIN is 0) and the length of a payload, then drr_begin with
    // the magic number and, in the lowest two bits of drr_versioninfo, the kind of stream.
    private const ulong BackupMagic = 0x2F5bacbac;
    private const ulong Compound = 2;

    /// <summary>Detects by the first <see cref="HeadLength"/> bytes, fewer only when there are no more.</summary>
    public static StreamFormat Detect(ReadOnlySpan<byte> head)
    {
        if (head.IsEmpty)
        {
            return new(StreamKind.Empty);
        }

        if (head.Length >= 24)
        {
            var (magic, version) = (BinaryPrimitives.ReadUInt64LittleEndian(head[8..]),
                BinaryPrimitives.ReadUInt64LittleEndian(head[16..]));
            if (BinaryPrimitives.ReverseEndianness(magic) == BackupMagic)
            {
                (magic, version) = (BackupMagic, BinaryPrimitives.ReverseEndianness(version));
            }

            if (magic == BackupMagic)
            {
                return new((version & 3) == Compound ? StreamKind.ZfsCompoundStream : StreamKind.ZfsStream);
            }
        }

        string? program = head switch
        {
            [0x1f, 0x8b, ..] => "gzip",
            [0xfd, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0, ..] => "xz",
            [0x28, 0xb5, 0x2f, 0xfd, ..] => "zstd",
            [(byte)'B', (byte)'Z', (byte)'h', ..] => "bzip2",
            [0x04, 0x22, 0x4d, 0x18, ..] => "lz4",
            _ => null,
        };
        return program is not null ? new(StreamKind.Compressed, program)
            : head.Length == TarBlock.Size && (TarBlock.IsZero(head) || TarBlock.IsValid(head)) ? new(StreamKind.Tar)
            : new(StreamKind.Unknown);
    }
}
