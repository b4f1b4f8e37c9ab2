using System;
using System.Collections.Generic;
using Kvol.Native;
using Kvol.Storage.Values;

namespace Kvol.Storage.Archives;

/// <summary>Reads the members of a tar archive, tar(5): v7, ustar, pax, GNU's and star's. The reader trusts no length: it waits for so many
/// bytes and never reserves memory for them. System.Formats.Tar is not used: see <see cref="TarWriter"/>; it also does not understand GNU's
/// maps of holes.</summary>
/// <param name="input">Where it is read from.</param>
/// <param name="largestHeader">The limit of an extended header, in bytes.</param>
internal sealed class TarReader(ArchiveInput input, int largestHeader = TarLimits.Header)
{
    private const int LargeHeader = 1 << 20; // bytes

    private readonly ExtentList extents = new(input.Beyond);
    private byte[] header = new byte[4096], global = [];
    private long padding;
    private bool hadLargeHeader;

    /// <summary>Bytes of the current member's data that were not taken yet.</summary>
    public long Remaining { get; private set; }

    /// <summary>The error (65) for a member that exceeds one of the <see cref="TarLimits"/>.</summary>
    public KvolException Beyond(ByteString member, string what) => input.Beyond(member, what);

    /// <summary>The next member; null at the mark that ends the archive. Skips the rest of the previous member.</summary>
    public TarEntry? Next()
    {
        input.Skip(Remaining);
        input.Skip(padding);
        (Remaining, padding) = (0, 0);
        if (hadLargeHeader)
        {
            GC.Collect(); // otherwise the headers of several members pile up as garbage, and the collector waits ever longer
        }

        hadLargeHeader = false;
        byte[]? longName = null, longTarget = null;
        var extended = -1; // how much of the header's buffer is one
        while (true)
        {
            var block = input.Take(TarBlock.Size);
            if (TarBlock.IsZero(block))
            {
                return extended < 0 && longName is null && longTarget is null ? null : throw input.Damaged("a header without its member");
            }

            if (!TarBlock.IsValid(block))
            {
                throw input.Damaged("no tar header where one should be");
            }

            switch ((char)block[TarBlock.TypeAt])
            {
                case 'x' or 'X':
                    extended = TakeHeader(block, largestHeader, "");
                    break;
                case 'g':
                    var length = TakeHeader(block, TarLimits.GlobalHeaders - global.Length,
                        $", the rest of the {TarLimits.GlobalHeaders} for all global headers together");
                    global = [.. global, .. header.AsSpan(0, length)];
                    break;
                case 'L':
                    longName = TakeName(block);
                    break;
                case 'K':
                    longTarget = TakeName(block);
                    break;
                default:
                    var member = new TarMember(block, longName, longTarget, extents, input.Beyond);
                    Apply(member, global, isGlobal: true);
                    Apply(member, extended < 0 ? default : header.AsSpan(0, extended), isGlobal: false);
                    member.IsPax = extended >= 0;
                    return Finish(member);
            }
        }
    }

    /// <summary>Takes at least one byte of the current member's data, valid until the next call.</summary>
    public ReadOnlySpan<byte> TakeData(long limit)
    {
        var data = input.TakeSome(Math.Min(limit, Remaining));
        Remaining -= data.Length;
        return data;
    }

    /// <summary>Takes all that is left of the current member's data.</summary>
    public void TakeData(Span<byte> all)
    {
        while (!all.IsEmpty)
        {
            var data = TakeData(all.Length);
            data.CopyTo(all);
            all = all[data.Length..];
        }
    }

    private TarEntry Finish(TarMember member)
    {
        var stored = member.StoredLength ?? throw input.Damaged("a member without a length");
        padding = -stored & (TarBlock.Size - 1);
        if (member.HasOldMap)
        {
            _ = SparseMap.TryReadOld(member.Block, input, extents) ? 0 : throw input.Damaged("an unreadable hole map");
            member.TakeMap();
        }
        else if (member.HasMapBeforeData)
        {
            var isMap = SparseMap.TryRead(input, ref stored, extents);
            member.TakeMap();
            member.Refusal ??= isMap ? null : "its hole map cannot be read";
        }

        Remaining = stored;
        extents.End();
        return member.ToEntry(stored) ?? throw input.Damaged("a header with an invalid number");
    }

    /// <summary>Puts what follows a header block into <see cref="header"/>; its length.</summary>
    private int TakeHeader(ReadOnlySpan<byte> block, int most, string ofWhat)
    {
        var length = TarBlock.Number(block[TarBlock.Length]) ?? -1;
        if (length < 0 || length > most)
        {
            throw input.Beyond(new ByteString(TarBlock.Text(block, TarBlock.Name)),
                $"is a header of {length} bytes; the limit is {most}{ofWhat}");
        }

        if (header.Length < length)
        {
            header = GC.AllocateUninitializedArray<byte>((int)length);
        }

        hadLargeHeader |= length > LargeHeader;
        TakeAll(header.AsSpan(0, (int)length));
        input.Skip(-length & (TarBlock.Size - 1));
        return (int)length;
    }

    /// <summary>A long name of GNU's, which ends at its NUL.</summary>
    private byte[] TakeName(ReadOnlySpan<byte> block)
    {
        var length = TarBlock.Number(block[TarBlock.Length]) ?? -1;
        if (length is < 0 or > TarLimits.Name + TarBlock.Size)
        {
            var start = input.Peek(TarBlock.Size);
            throw input.Beyond(new ByteString(TarBlock.Text(start, ..start.Length)),
                $"is a name or a link of {length} bytes; the limit is {TarLimits.Name}");
        }

        var name = new byte[length];
        TakeAll(name);
        input.Skip(-length & (TarBlock.Size - 1));
        return TarBlock.Text(name, ..name.Length).ToArray();
    }

    private void TakeAll(Span<byte> all)
    {
        while (!all.IsEmpty)
        {
            var piece = input.TakeSome(all.Length);
            piece.CopyTo(all);
            all = all[piece.Length..];
        }
    }

    private void Apply(TarMember member, ReadOnlySpan<byte> records, bool isGlobal)
    {
        while (!records.IsEmpty)
        {
            if (!PaxRecords.TryRead(ref records, out var key, out var value) || !member.Apply(key, value, isGlobal))
            {
                throw input.Damaged("an extended header that cannot be read");
            }
        }
    }
}
