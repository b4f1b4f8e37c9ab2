using System;
using System.Buffers.Binary;
using Kvol.Storage.Values;

namespace Kvol.Storage.Archives;

/// <summary>The bytes of a file of another program. Whoever reads beyond their end gets an error (65) that names the file.</summary>
/// <param name="file">What messages call the file.</param>
internal sealed class ForeignBytes(ReadOnlyMemory<byte> all, string file)
{
    public ReadOnlyMemory<byte> All => all;

    public long Length => all.Length;

    public ReadOnlyMemory<byte> Slice(long at, long length) =>
        at >= 0 && length >= 0 && at <= all.Length - length ? all.Slice((int)at, (int)length) : throw Damaged();

    /// <summary>A part with the same rules.</summary>
    public ForeignBytes Part(long at, long length) => new(Slice(at, length), file);

    /// <summary>Bytes out of this file, with the same rules.</summary>
    public ForeignBytes Inside(ReadOnlyMemory<byte> part) => new(part, file);

    public ForeignBytes PartFrom(long at) => Part(at, all.Length - at);

    public byte U8(long at) => Slice(at, 1).Span[0];

    public ushort U16(long at) => BinaryPrimitives.ReadUInt16LittleEndian(Slice(at, 2).Span);

    public uint U32(long at) => BinaryPrimitives.ReadUInt32LittleEndian(Slice(at, 4).Span);

    public ulong U64(long at) => BinaryPrimitives.ReadUInt64LittleEndian(Slice(at, 8).Span);

    public ushort BigU16(long at) => BinaryPrimitives.ReadUInt16BigEndian(Slice(at, 2).Span);

    public uint BigU32(long at) => BinaryPrimitives.ReadUInt32BigEndian(Slice(at, 4).Span);

    public KvolException Damaged() => new(ExitStatus.Damaged, file, "is damaged, or is of a form that this version of kvol does not know");
}
