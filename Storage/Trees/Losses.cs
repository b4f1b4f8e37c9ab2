using System;
using System.Collections.Generic;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Storage.Trees;

/// <summary>Reports what a copy could not keep.</summary>
internal static class Losses
{
    private const int Shown = 20;

    /// <summary>Adds an entry of a directory, or the directory itself when the name is empty.</summary>
    public static void Lost(this CopyReport report, DirectoryNode directory, CName name, string reason) =>
        report.Lost(directory.PathOf(name), reason);

    /// <summary>One line each, up to a readable number, and how many more of <paramref name="count"/> there are; <paramref name="where"/>
    /// names the command that lists the lines that were kept.</summary>
    public static void Tell(Context context, VolumeName name, IReadOnlyCollection<string> lines, string? where = null, int? count = null)
    {
        var all = count ?? lines.Count;
        var listed = where is null ? Math.Min(lines.Count, SeedRecord.MostLines) : lines.Count;
        var shown = 0;
        foreach (var line in lines)
        {
            if (shown++ == Shown)
            {
                context.Warn($"{name}: {all - Shown} more were not kept; {where
                    ?? $"'kvol inspect {name}'"} lists {(listed < all ? $"the first {listed}" : "all")}");
                break;
            }

            context.Warn($"{name}: {line}");
        }
    }
}
