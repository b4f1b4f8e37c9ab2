using System;
using System.Collections.Generic;

namespace Kvol.Storage.Archives;

/// <summary>Reads the members of a tar archive, tar(5): v7, ustar, pax, GNU's and star's. Nothing in it is believed: a length is only
/// waited for, never reserved. System.Formats.Tar is not used: see <see cref="TarWriter"/>; it also gives no sense to GNU's maps of
/// holes.</summary>
internal sealed class TarReader(ArchiveInput input)
{
    // An extended header holds a name, links, attributes: 64 KiB each on Linux. More than this is no header.
    private const long LargestHeader = 16 << 20;

    private readonly List<byte[]> global = [];
    private long padding;

    /// <summary>Bytes of the current member's data that were not taken yet.</summary>
    public long Remaining { get; private set; }

    /// <summary>The next member; null at the mark that ends the archive. What is left of the one before is passed over.</summary>
    public TarEntry? Next()
    {
        input.Skip(Remaining);
        input.Skip(padding);
        (Remaining, padding) = (0, 0);
        byte[]? extended = null, longName = null, longTarget = null;
        while (true)
        {
            var block = input.Take(TarBlock.Size);
            if (TarBlock.IsZero(block))
            {
                return extended is null && longName is null && longTarget is null ? null
                    : throw input.Damaged("a header without its member");
            }

            if (!TarBlock.IsValid(block))
            {
                throw input.Damaged("no header of tar where one should be");
            }

            switch ((char)block[TarBlock.TypeAt])
            {
                case 'x' or 'X':
                    extended = TakeHeader(block);
                    break;
                case 'g':
                    AddGlobal(TakeHeader(block));
                    break;
                case 'L':
                    longName = Terminated(TakeHeader(block));
                    break;
                case 'K':
                    longTarget = Terminated(TakeHeader(block));
                    break;
                default:
                    var member = new TarMember(block, longName, longTarget);
                    foreach (var records in global)
                    {
                        Apply(member, records, isGlobal: true);
                    }

                    Apply(member, extended, isGlobal: false);
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
            member.Extents = SparseMap.ReadOld(member.Block, input) ?? throw input.Damaged("a map of holes that cannot be read");
        }
        else if (member.HasMapBeforeData)
        {
            member.Extents = SparseMap.Read(input, ref stored);
            member.Refusal ??= member.Extents is null ? "its map of holes cannot be read" : null;
        }

        Remaining = stored;
        return member.ToEntry(stored) ?? throw input.Damaged("a header with a number that is none");
    }

    private byte[] TakeHeader(ReadOnlySpan<byte> block)
    {
        var length = TarBlock.Number(block[TarBlock.Length]) ?? -1;
        if (length is < 0 or > LargestHeader)
        {
            throw input.Damaged($"a header that wants {length} bytes");
        }

        var header = new byte[length];
        for (var filled = 0; filled < length;)
        {
            var piece = input.TakeSome(length - filled);
            piece.CopyTo(header.AsSpan(filled));
            filled += piece.Length;
        }

        input.Skip(-length & (TarBlock.Size - 1));
        return header;
    }

    private void AddGlobal(byte[] records)
    {
        global.Add(records);
        if (global.Count > 1000)
        {
            throw input.Damaged("a thousand global headers");
        }
    }

    private void Apply(TarMember member, byte[]? records, bool isGlobal)
    {
        for (ReadOnlySpan<byte> rest = records; !rest.IsEmpty;)
        {
            if (!PaxRecords.TryRead(ref rest, out var key, out var value) || !member.Apply(key, value, isGlobal))
            {
                throw input.Damaged("an extended header that cannot be read");
            }
        }

        member.IsPax |= records is not null && !isGlobal;
    }

    private static byte[] Terminated(byte[] text)
    {
        var end = Array.IndexOf(text, (byte)0);
        return end < 0 ? text : text[..end];
    }
}
