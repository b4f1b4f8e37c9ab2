using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace Kvol.Storage.Values;

/// <summary>Which snapshots of a volume are taken and kept: <c>hourly:24,daily:7,weekly:4</c>, or <c>none</c>. Valid by
/// construction.</summary>
internal sealed class SnapshotPolicy
{
    /// <summary>The most snapshots of one period.</summary>
    public const int MostKept = 9999;

    /// <summary>The policy that takes and prunes nothing, also where the configuration has a default.</summary>
    private const string Nothing = "none";

    private const string Example = "write PERIOD:NUMBER, separated by commas, as in hourly:24,daily:7,weekly:4; or none";

    private SnapshotPolicy(IEnumerable<(SnapshotPeriod Period, int Kept)> rules) =>
        Rules = [.. SnapshotPeriod.All.Join(rules, p => p, r => r.Period, (_, r) => r)];

    /// <summary>How many snapshots of each period are kept, at least 1; the shortest period first.</summary>
    public IReadOnlyList<(SnapshotPeriod Period, int Kept)> Rules { get; }

    /// <summary>The policy, or null and what is wrong with the text.</summary>
    public static SnapshotPolicy? TryParse(string text, out string problem)
    {
        var rules = new List<(SnapshotPeriod Period, int Kept)>();
        foreach (var rule in text == Nothing ? [] : text.Split(','))
        {
            var colon = rule.IndexOf(':', StringComparison.Ordinal);
            var word = colon < 0 ? rule : rule[..colon];
            if (SnapshotPeriod.Find(word) is not { } period)
            {
                problem = $"{Shown.Word(word)} is not a period; known: {string.Join(' ', SnapshotPeriod.All)}; {Example}";
                return null;
            }

            if (colon < 0 || !int.TryParse(rule[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var kept)
                || kept is < 1 or > MostKept)
            {
                problem = $"{Shown.Word(rule)}: {word} needs a number from 1 to {MostKept}, as in {word}:7; leave {word} out to take none";
                return null;
            }

            if (rules.Exists(r => r.Period == period))
            {
                problem = $"{word} is given twice";
                return null;
            }

            rules.Add((period, kept));
        }

        problem = "";
        return new SnapshotPolicy(rules);
    }

    /// <summary>The value of the property <c>snapshots</c> as it is kept: a policy, or "" to remove it. An error (64) for any other
    /// text.</summary>
    public static string ParseValue(string text) => text is "" or "-" ? ""
        : TryParse(text, out var problem)?.ToString()
            ?? throw new KvolException(ExitStatus.Usage, $"snapshots={Shown.Word(text)}", problem);

    public override string ToString() => Rules.Count == 0 ? Nothing
        : string.Join(',', Rules.Select(r => string.Create(CultureInfo.InvariantCulture, $"{r.Period}:{r.Kept}")));
}
