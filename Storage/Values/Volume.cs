using System;
using System.Collections.Generic;
using System.Collections.ObjectModel;
using System.Linq;

namespace Kvol.Storage.Values;

/// <summary>Where the first content of a volume came from.</summary>
/// <param name="NotKept">What the copy could not keep, a line each; a record keeps only the first ones of many.</param>
internal sealed record SeedRecord(string Source, DateTimeOffset At, long Files, long Bytes, IReadOnlyList<string> NotKept)
{
    // A jail's files decide how many lines there are, and each command that lists volumes reads their records, so there is a limit.
    public const int MostLines = 100;

    private const int MostCharacters = 16 * 1024, LongestLine = 1024;

    /// <summary>How many lines there are in all.</summary>
    public int NotKeptCount { get; init; } = NotKept.Count;

    /// <summary>The same with so much of <see cref="NotKept"/> as a record may hold: 100 lines of 1,024 characters, 16 KiB
    /// together.</summary>
    public SeedRecord ForRecord()
    {
        var left = MostCharacters;
        var lines = NotKept.Take(MostLines)
            .Select(l => l.Length <= LongestLine ? l : l[..(LongestLine / 2)] + "..." + l[^(LongestLine / 4)..])
            .TakeWhile(l => (left -= l.Length) >= 0).ToArray();
        return this with { NotKept = lines, NotKeptCount = NotKeptCount };
    }

    /// <summary>A record of what was copied so far.</summary>
    public static SeedRecord Of(string source, CopyReport report) =>
        new(source, DateTimeOffset.UtcNow, report.Files, report.Bytes, report.Lines) { NotKeptCount = report.LossCount };

    /// <summary>The same, with more that was not kept, a line each.</summary>
    public SeedRecord Without(IReadOnlyList<string> lost) =>
        lost.Count == 0 ? this : this with { NotKept = [.. NotKept, .. lost], NotKeptCount = NotKeptCount + lost.Count };
}

/// <summary>An entry of the volumes' directory or dataset, as it was when it was read.</summary>
/// <param name="Dataset">Its dataset, or null in a directory store.</param>
internal abstract record StoreEntry(string Driver, string? Dataset, DateTimeOffset Created)
{
    /// <summary>Its name, which need not be one of a volume.</summary>
    public abstract string Text { get; }

    /// <summary>The word for its state, one of <see cref="VolumeStates.Names"/>.</summary>
    public abstract string StateName { get; }

    /// <summary>Those of a volume; anything else has none.</summary>
    public virtual IReadOnlyDictionary<string, string> Labels => ReadOnlyDictionary<string, string>.Empty;

    /// <summary>Whether it is a volume that was created without a name.</summary>
    public virtual bool Anonymous => false;

    /// <summary>Whether it has a label whose key matches a glob, with this value; null is any value.</summary>
    public bool HasLabel(string key, string? value) =>
        Labels.Any(l => Glob.Matches(key, l.Key) && (value is null || l.Value == value));
}

/// <summary>A dataset among the volumes that is not a volume; kvol leaves it alone.</summary>
internal sealed record ForeignEntry(string Name, string Driver, string? Dataset, DateTimeOffset Created)
    : StoreEntry(Driver, Dataset, Created)
{
    public override string Text => Name;

    public override string StateName => VolumeStates.Foreign;
}

/// <summary>A volume as it was when it was read.</summary>
/// <param name="Mountpoint">The directory on the host that is its content.</param>
/// <param name="Anonymous">Created without a name.</param>
/// <param name="Quota">Most bytes that it may refer to, or null.</param>
/// <param name="Mounted">Whether its content can be seen at the mountpoint; a dataset that is not mounted counts as
/// <see cref="VolumeState.Ready"/>, because nothing says that it is empty.</param>
/// <param name="IsManaged">Whether kvol made it and can see into it; kvol removes a volume that it did not make only by name.</param>
/// <param name="Origin">The snapshot that it is a clone of, or null.</param>
/// <param name="ResumeToken">What zfs-send(8) -t needs to resume an interrupted stream; null where no part of one is kept.</param>
/// <param name="Takes">What its first mount may still set on its top directory; null when that is done or not known.</param>
internal sealed record Volume(
    VolumeName Name, string Driver, string? Dataset, string? Mountpoint, DateTimeOffset Created, bool Anonymous,
        IReadOnlyDictionary<string, string> Labels,
    VolumeState State, SeedRecord? Seed, ulong? Quota = null, bool Mounted = true, bool IsManaged = true, string? Origin = null,
        string? ResumeToken = null, TopParts? Takes = null) : StoreEntry(Driver, Dataset, Created)
{
    public override string Text => Name.Text;

    public override string StateName => VolumeStates.NameOf(State);

    public override bool Anonymous { get; } = Anonymous;

    public override IReadOnlyDictionary<string, string> Labels { get; } = Labels;

    /// <summary>Its own policy of snapshots as it is written down, right or wrong; null if it has none. A received one does not
    /// count.</summary>
    public string? Policy { get; init; }

    /// <summary>Whether kvol made it here, so that it is not a copy that others replicate.</summary>
    public bool IsMadeHere { get; init; } = true;

    /// <summary>Whether its dataset is read-only.</summary>
    public bool IsReadOnly { get; init; }
}

/// <summary>The requested settings of a new volume.</summary>
/// <param name="KeyFile">The file with the key that it is encrypted with; null: it is not.</param>
/// <param name="IsMountedNow">Whether the same command gives it content or owner and mode at once, so that no later mount does.</param>
/// <param name="IsSeededNow">Whether the same command seeds it, so that a volume without content is one whose seeding was
/// interrupted.</param>
internal sealed record NewVolume(
    bool Anonymous = false, IReadOnlyDictionary<string, string>? Labels = null, uint? Uid = null, uint? Gid = null, uint? Mode = null,
    ulong? Quota = null, IReadOnlyList<string>? Properties = null, string? KeyFile = null, bool IsMountedNow = false,
        bool IsSeededNow = false);
