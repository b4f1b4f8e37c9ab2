using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Text;

namespace Kvol.Native;

/// <summary>A list of names and values as the kernel packed it (NV_ENCODE_NATIVE, module/nvpair/nvpair.c): read in place, so that looking
/// up one property creates nothing for the others and needs no library.</summary>
internal sealed class PackedList
{
    // nvs_header_t, then version and flags of the list
    private const int HeaderSize = 4, ListStart = HeaderSize + 8;

    // offsets in nvpair_t, include/sys/nvpair.h
    private const int NameSize = 4, Elements = 8, Type = 12, Name = 16;

    // data_type_t
    private const int Number64 = 8, String = 9, List = 19, ListArray = 20;

    private readonly ReadOnlyMemory<byte> data;
    private readonly List<int> pairs = new(96);

    /// <summary>A list with its header; the memory must not change afterwards.</summary>
    public PackedList(ReadOnlyMemory<byte> packed)
        : this(packed, ListStart)
    {
    }

    private PackedList(ReadOnlyMemory<byte> data, int start)
    {
        this.data = data;
        for (var at = start; Next(data.Span, ref at) is var pair and >= 0;)
        {
            pairs.Add(pair);
        }
    }

    /// <summary>A list with nothing in it, for the kernel.</summary>
    public static byte[] Empty =>
        [0, BitConverter.IsLittleEndian ? (byte)1 : (byte)0, 0, 0, 0, 0, 0, 0, LibNvpair.NV_UNIQUE_NAME, 0, 0, 0, 0, 0, 0, 0];

    /// <summary>The names in it that begin with a prefix.</summary>
    public IEnumerable<string> Names(string prefix = "")
    {
        foreach (var pair in pairs)
        {
            if (Begins(NameOf(data.Span, pair), prefix))
            {
                yield return Encoding.UTF8.GetString(NameOf(data.Span, pair));
            }
        }
    }

    /// <summary>Whether it has that name.</summary>
    public bool Has(string name) => Find(name) >= 0;

    /// <summary>A number; null where there is none of that name.</summary>
    public ulong? Number(string name) => Find(name) is >= 0 and var pair ? NumberAt(data.Span, pair) : null;

    /// <summary>A text; null where there is none of that name.</summary>
    public string? Text(string name) => Find(name) is >= 0 and var pair ? TextAt(data.Span, pair) : null;

    /// <summary>A list in it; null where there is none of that name.</summary>
    public PackedList? Inner(string name) =>
        Find(name) is >= 0 and var pair && Read(data.Span, pair + Type) == List ? new PackedList(data, pair + Read(data.Span, pair)) : null;

    /// <summary>The value of one name in a nested list, without an object for that list.</summary>
    public ulong? Number(string list, string name) => Find(list, name) is >= 0 and var pair ? NumberAt(data.Span, pair) : null;

    /// <inheritdoc cref="Number(string,string)"/>
    public string? Text(string list, string name) => Find(list, name) is >= 0 and var pair ? TextAt(data.Span, pair) : null;

    private static ulong? NumberAt(ReadOnlySpan<byte> span, int pair) =>
        Read(span, pair + Type) == Number64 ? MemoryMarshal.Read<ulong>(span[ValueOf(span, pair)..]) : null;

    private static string? TextAt(ReadOnlySpan<byte> span, int pair)
    {
        var value = span[ValueOf(span, pair)..];
        return Read(span, pair + Type) == String ? Encoding.UTF8.GetString(value[..value.IndexOf((byte)0)]) : null;
    }

    private int Find(string name)
    {
        var span = data.Span;
        foreach (var pair in pairs)
        {
            if (Is(span, pair, name))
            {
                return pair;
            }
        }

        return -1;
    }

    private int Find(string list, string name)
    {
        var span = data.Span;
        var outer = Find(list);
        if (outer >= 0 && Read(span, outer + Type) == List)
        {
            for (var at = outer + Read(span, outer); Next(span, ref at) is var pair and >= 0;)
            {
                if (Is(span, pair, name))
                {
                    return pair;
                }
            }
        }

        return -1;
    }

    /// <summary>Returns the position of the next pair, and moves <paramref name="at"/> behind it and the lists that follow it; -1 at the
    /// end of the list.</summary>
    private static int Next(ReadOnlySpan<byte> span, ref int at)
    {
        var pair = at;
        var size = Read(span, pair);
        at += size == 0 ? sizeof(int) : size;
        if (size == 0)
        {
            return -1;
        }

        var type = Read(span, pair + Type);
        for (var inner = type == List ? 1 : type == ListArray ? Read(span, pair + Elements) : 0; inner > 0; inner--)
        {
            while (Next(span, ref at) >= 0)
            {
            }
        }

        return pair;
    }

    private static bool Is(ReadOnlySpan<byte> span, int pair, string name) =>
        MemoryMarshal.Read<short>(span[(pair + NameSize)..]) == name.Length + 1 && Ascii.Equals(span.Slice(pair + Name, name.Length), name);

    private static bool Begins(ReadOnlySpan<byte> name, string prefix) =>
        name.Length >= prefix.Length && Ascii.Equals(name[..prefix.Length], prefix);

    private static ReadOnlySpan<byte> NameOf(ReadOnlySpan<byte> span, int pair) =>
        span.Slice(pair + Name, MemoryMarshal.Read<short>(span[(pair + NameSize)..]) - 1);

    // NVP_VALUE()
    private static int ValueOf(ReadOnlySpan<byte> span, int pair) =>
        pair + ((Name + MemoryMarshal.Read<short>(span[(pair + NameSize)..]) + 7) & ~7);

    private static int Read(ReadOnlySpan<byte> span, int at) => MemoryMarshal.Read<int>(span[at..]);
}
