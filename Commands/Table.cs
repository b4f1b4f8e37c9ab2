using System;
using System.Buffers;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Commands;

/// <summary>A column of a table.</summary>
/// <param name="Number">Aligned to the right.</param>
/// <param name="Optional">Omitted from the table for people if it is empty in every row.</param>
internal sealed record Column(string Name, bool Number = false, bool Optional = false)
{
    public static implicit operator Column(string name) => new(name);
}

/// <summary>Prints tables: for people aligned and with a header, for scripts with tabs and without a header, as zfs(8) does.</summary>
internal static class Table
{
    /// <summary>The text of an empty cell.</summary>
    public const string Nothing = "-";

    private const int PageSize = 16 * 1024; // a table is written in pieces of about this size

    /// <summary>Prints the rows.</summary>
    public static void Print(bool scripted, Column[] columns, IEnumerable<string[]> rows)
    {
        if (scripted)
        {
            Write(rows, (text, row, i) =>
            {
                Encoding.UTF8.GetBytes(Shown.Of(row[i]), text);
                text.Write(i == row.Length - 1 ? "\n"u8 : "\t"u8);
            });
            return;
        }

        var all = rows.Select(r => Array.ConvertAll(r, Shown.Of)).ToList();
        var shown = Enumerable.Range(0, columns.Length).Where(i => !columns[i].Optional || all.Exists(r => r[i] != Nothing)).ToArray();
        all = [.. all.Prepend(Array.ConvertAll(columns, c => c.Name)).Select(r => Array.ConvertAll(shown, i => r[i]))];
        var widths = new int[shown.Length];
        foreach (var row in all)
        {
            for (var i = 0; i < row.Length; i++)
            {
                widths[i] = Math.Max(widths[i], row[i].Length);
            }
        }

        Write(all, (text, row, i) =>
        {
            var (cell, last) = (row[i], i == row.Length - 1);
            var padded = columns[shown[i]].Number ? cell.PadLeft(widths[i]) : last ? cell : cell.PadRight(widths[i]);
            Encoding.UTF8.GetBytes(padded, text);
            text.Write(last ? "\n"u8 : "  "u8);
        });
    }

    /// <summary>A time in a table: for people local time to the second, for scripts RFC 3339.</summary>
    public static string Time(DateTimeOffset time, bool scripted) =>
        scripted ? Timestamp.Text(time) : Timestamp.Local(time);

    /// <summary>A number of bytes in a table: abbreviated for people, exact for scripts.</summary>
    public static string Bytes(long? bytes, bool scripted) =>
        bytes is not { } number ? Nothing : scripted ? number.ToString(CultureInfo.InvariantCulture) : Size.Text((ulong)number);

    private static void Write(IEnumerable<string[]> rows, Action<ArrayBufferWriter<byte>, string[], int> cell)
    {
        var text = new ArrayBufferWriter<byte>(PageSize + 1024);
        foreach (var row in rows)
        {
            for (var i = 0; i < row.Length; i++)
            {
                cell(text, row, i);
            }

            if (text.WrittenCount > PageSize)
            {
                HostProbe.WriteOutput(text.WrittenSpan);
                text.ResetWrittenCount();
            }
        }

        HostProbe.WriteOutput(text.WrittenSpan);
    }
}
