using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace Kvol.Storage.Archives;

/// <summary>A database of SQLite, in which podman keeps what it knows of volumes: the tables of it, row by row (the file format of
/// sqlite.org, fileformat2). Reads only, and only what was written to the database itself: while there is a write-ahead log, it is not
/// whole.</summary>
internal sealed class SqliteFile
{
    private const int HeaderLength = 100, FirstOfText = 12, DeepestTree = 32;
    private const byte InteriorTable = 5, LeafTable = 13;
    private const uint Utf8 = 1;

    private static ReadOnlySpan<byte> Magic => "SQLite format 3\0"u8;

    private readonly ForeignBytes file;
    private readonly long pageSize, usable;

    private SqliteFile(ForeignBytes file)
    {
        this.file = file;
        pageSize = file.BigU16(16) is var size && size == 1 ? 1 << 16 : size;
        usable = pageSize - file.U8(20);
        if (!file.Slice(0, Magic.Length).Span.SequenceEqual(Magic) || pageSize < 512 || usable < 480 || file.BigU32(56) != Utf8)
        {
            throw file.Damaged();
        }
    }

    /// <summary>Reads the header; an error (65) if it is not one.</summary>
    public static SqliteFile Open(ForeignBytes file) => new(file);

    /// <summary>The rows of a table; null if there is no such table. A column that is not a text is null.</summary>
    public IReadOnlyList<string?[]>? Rows(string table)
    {
        // Columns of the schema: type, name, table, root page, SQL.
        foreach (var (row, number) in Read(1))
        {
            if (row is ["table", var name, ..] && name == table)
            {
                return [.. Read(number).Select(r => r.Columns)];
            }
        }

        return null;
    }

    // Every row, and the number in its fourth column, which in the schema is the first page of a table.
    private List<(string?[] Columns, uint Number)> Read(uint first)
    {
        var rows = new List<(string?[], uint)>();
        var left = file.Length / pageSize;
        Page(first, 0);
        return rows;

        void Page(uint number, int depth)
        {
            if (depth > DeepestTree || --left < 0)
            {
                throw file.Damaged();
            }

            var page = PageOf(number);
            long header = number == 1 ? HeaderLength : 0;
            var (kind, count) = (page.U8(header), page.BigU16(header + 3));
            if (kind is not (InteriorTable or LeafTable))
            {
                throw file.Damaged();
            }

            for (var i = 0; i < count; i++)
            {
                var cell = page.PartFrom(page.BigU16(header + (kind == LeafTable ? 8 : 12) + (2 * i)));
                if (kind == LeafTable)
                {
                    rows.Add(Row(Payload(cell)));
                }
                else
                {
                    Page(cell.BigU32(0), depth + 1);
                }
            }

            if (kind == InteriorTable)
            {
                Page(page.BigU32(header + 8), depth + 1);
            }
        }
    }

    private ForeignBytes PageOf(uint number) => file.Part((number - 1L) * pageSize, pageSize);

    // What does not fit in the cell is in a chain of further pages.
    private ForeignBytes Payload(ForeignBytes cell)
    {
        long at = 0;
        var length = Number(cell, ref at);
        Number(cell, ref at); // of the row
        if (length > file.Length)
        {
            throw file.Damaged();
        }

        var (most, least) = (usable - 35, ((usable - 12) * 32 / 255) - 23);
        if (length <= most)
        {
            return cell.Part(at, length);
        }

        var here = least + ((length - least) % (usable - 4)) is var k && k <= most ? k : least;
        var all = new List<byte>((int)length);
        all.AddRange(cell.Slice(at, here).Span);
        for (var next = cell.BigU32(at + here); all.Count < length;)
        {
            var page = PageOf(next);
            all.AddRange(page.Slice(4, Math.Min(usable - 4, length - all.Count)).Span);
            next = page.BigU32(0);
        }

        return file.Inside(all.ToArray());
    }

    private (string?[] Columns, uint Number) Row(ForeignBytes record)
    {
        long at = 0;
        var body = Number(record, ref at);
        var (end, columns, number) = (body, new List<string?>(), 0u);
        while (at < end)
        {
            var type = Number(record, ref at);
            var length = type switch
            {
                <= 4 => type,
                5 => 6,
                6 or 7 => 8,
                8 or 9 => 0,
                >= FirstOfText => (type - FirstOfText) / 2,
                _ => throw file.Damaged(),
            };
            var value = record.Slice(body, length).Span;
            if (columns.Count == 3 && length is > 0 and <= 4)
            {
                foreach (var b in value)
                {
                    number = (number << 8) | b;
                }
            }

            columns.Add(type >= FirstOfText && type % 2 == 1 ? Encoding.UTF8.GetString(value) : null);
            body += length;
        }

        return ([.. columns], number);
    }

    // Seven bits of each byte, the highest first; eight of the ninth.
    private static long Number(ForeignBytes from, ref long at)
    {
        long number = 0;
        for (var i = 0; i < 8; i++)
        {
            var b = from.U8(at++);
            number = (number << 7) | (b & 0x7FL);
            if (b < 0x80)
            {
                return number;
            }
        }

        return (number << 8) | from.U8(at++);
    }
}
