using System;
using System.Collections.Generic;
using System.Linq;

namespace Kvol.Storage.Values;

/// <summary>The volumes that <c>kvol snapshot</c> was asked to take snapshots of: named ones, those of a jail, those mounted below a
/// directory, or those with labels.</summary>
internal sealed record SnapshotChoice
{
    private readonly string? name;

    private SnapshotChoice(IReadOnlyList<SnapshotName> named, string? name, string? jail, string? under, IReadOnlyList<string> labels) =>
        (Named, this.name, Jail, Under, Labels) = (named, name, jail, under, labels);

    /// <summary>The snapshots of the volumes that were named; empty if volumes are chosen in another way.</summary>
    public IReadOnlyList<SnapshotName> Named { get; }

    public string? Jail { get; }

    /// <summary>The root directory.</summary>
    public string? Under { get; }

    /// <summary>Filters <c>K[=V]</c>, all of which a volume must match.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>Whether the snapshots are a group: several volumes were named, or volumes were not chosen by their names.</summary>
    public bool IsGroup => Named.Count != 1;

    /// <summary>Checks operands and options; an error (64) names the wrong one.</summary>
    public static SnapshotChoice Parse(string[] operands, string? name, string? jail, string? under, string[] labels)
    {
        string?[] ways = [operands.Length > 0 ? "volumes" : null, jail is null ? null : "--jail", under is null ? null : "--under",
            labels.Length > 0 ? "--label" : null];
        var given = ways.OfType<string>().ToArray();
        if (given.Length != 1)
        {
            throw Usage("snapshot", given.Length == 0 ? "name volumes, or choose them by --jail, --under or --label"
                : $"{string.Join(" and ", given)} were given; choose the volumes in one way");
        }

        if (name is not null && !VolumeName.IsValid(name))
        {
            throw Usage($"--name {Shown.Word(name)}", "a name has letters, digits, '_', '.' and '-', starting with a letter or digit");
        }

        var chosen = operands.Select(SnapshotName.ParseEither).ToArray();
        if (name is not null && Array.Find(chosen, c => c.Snapshot is not null).Snapshot is { } named)
        {
            throw Usage(named.ToString(), "names its snapshot already; leave out --name");
        }

        if (chosen.GroupBy(c => c.Volume).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            throw Usage(twice.Key.Text, "is named twice; one command takes one snapshot of a volume");
        }

        if (Array.Find(labels, l => KeyValue.Split(l).Key.Length == 0) is { } label)
        {
            throw Usage($"--label {Shown.Word(label)}", "a label is KEY=VALUE, or KEY for any value");
        }

        name ??= SnapshotName.OfNow();
        return new SnapshotChoice([.. chosen.Select(c => c.Snapshot ?? new SnapshotName(c.Volume, name))], name,
            jail is null ? null : JailName.Parse(jail), under, labels);
    }

    /// <summary>The snapshot of a volume that was not named.</summary>
    public SnapshotName Of(VolumeName volume) => new(volume, name!);

    /// <summary>Whether a volume has the labels.</summary>
    public bool Matches(StoreEntry entry) => Labels.Select(KeyValue.Split).All(l => entry.HasLabel(l.Key, l.Value));

    private static KvolException Usage(string subject, string reason) => new(ExitStatus.Usage, subject, reason);
}
