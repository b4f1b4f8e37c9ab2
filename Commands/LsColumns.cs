using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Kvol.Storage.Mounts;
using Kvol.Storage.Values;

namespace Kvol.Commands;

/// <summary>One row of a list. Costly facts about the volume are computed only if a column needs them.</summary>
internal sealed record ListedRow(StoreEntry Entry, IReadOnlyList<MountView> Mounts, LastUse? Use, Func<VolumeName, long?> MeasureUsed)
{
    private readonly Lazy<long?> used = new(() => Entry is Volume volume ? MeasureUsed(volume.Name) : null);

    /// <summary>The most bytes that its content may use, or null.</summary>
    public ulong? Quota => (Entry as Volume)?.Quota;

    /// <summary>The space that it uses, in bytes; this may read its whole tree.</summary>
    public long? Used => used.Value;

    /// <summary>The jails for which it is mounted.</summary>
    public IEnumerable<string> Jails => Mounts.Select(m => m.Jail).OfType<string>().Distinct().Order(StringComparer.Ordinal);
}

/// <summary>A column of <c>kvol ls</c>: its text and its sort key.</summary>
internal sealed record LsColumn(string Name, bool Number, Func<ListedRow, bool, string> Text, Func<ListedRow, IComparable?> Key)
{
    /// <summary>Whether it needs the mount points of the volumes.</summary>
    public bool AsksForMounts => Name is "mounts" or "jails";

    /// <summary>Whether it needs the records of the last uses.</summary>
    public bool AsksForUses => Name.StartsWith("last_", StringComparison.Ordinal);

    /// <summary>Every column, by the names that <c>-o</c> and <c>--sort</c> take.</summary>
    public static readonly LsColumn[] All =
    [
        new("name", false, (v, _) => v.Entry.Text, v => v.Entry.Text),
        new("state", false, (v, _) => v.Entry.StateName, v => VolumeStates.IndexOf(v.Entry.StateName)),
        new("used", true, (v, scripted) => Table.Bytes(v.Used, scripted), v => v.Used),
        new("quota", true, (v, scripted) => Table.Bytes((long?)v.Quota, scripted), v => v.Quota),
        new("mounts", true, (v, _) => v.Mounts.Count.ToString(CultureInfo.InvariantCulture), v => v.Mounts.Count),
        new("jails", false, (v, _) => List(v.Jails), v => string.Join(',', v.Jails)),
        new("created", false, (v, scripted) => Table.Time(v.Entry.Created, scripted), v => v.Entry.Created),
        new("last_used", false, (v, scripted) => v.Use?.At is { } at ? Table.Time(at, scripted) : Table.Nothing, v => v.Use?.At),
        new("last_jail", false, (v, _) => v.Use?.Jail ?? Table.Nothing, v => v.Use?.Jail),
        new("snapshots", false, (v, _) => (v.Entry as Volume)?.Policy ?? Table.Nothing, v => (v.Entry as Volume)?.Policy),
        new("labels", false, (v, _) => Labels(v), v => Labels(v)),
    ];

    /// <summary>The columns of a list such as <c>name,used</c>; an error (64) names an unknown one.</summary>
    public static LsColumn[] Parse(string list) => [.. list.Split(',').Select(name => Find(name, "-o"))];

    /// <summary>The column of this name, or an error (64) about the option.</summary>
    public static LsColumn Find(string name, string option) => Array.Find(All, c => c.Name == name)
        ?? throw new KvolException(ExitStatus.Usage, $"{option} {Shown.Word(name)}",
            $"no such column; known: {string.Join(' ', All.Select(c => c.Name))}");

    private static string Labels(ListedRow v) => List(v.Entry.Labels.Select(l => $"{l.Key}={l.Value}"));

    private static string List(IEnumerable<string> words) => string.Join(',', words) is { Length: > 0 } text ? text : Table.Nothing;
}
