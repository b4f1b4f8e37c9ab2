using System;
using System.Globalization;
using Kvol.Native;

namespace Kvol.Storage.Values;

/// <summary>The name of a snapshot, <c>VOL@NAME</c>, valid by construction. NAME may have the characters of a volume's
/// name: fewer than ZFS allows, and the same on every store.</summary>
internal sealed record SnapshotName(VolumeName Volume, string Name)
{
    /// <summary>The name as a file name.</summary>
    public ByteString Bytes => new(Name);

    /// <summary>Whether the text names a snapshot, right or wrong.</summary>
    public static bool IsMeant(string text) => text.Contains('@', StringComparison.Ordinal);

    /// <summary>The snapshot, or an error (64) that says what is wrong with the text.</summary>
    public static SnapshotName Parse(string text)
    {
        var parts = text.Split('@', 2);
        return parts.Length == 2 && VolumeName.IsValid(parts[0]) && VolumeName.IsValid(parts[1])
            ? new SnapshotName(VolumeName.Parse(parts[0]), parts[1])
            : throw new KvolException(
                ExitStatus.Usage, Shown.Word(text),
                "a snapshot is VOL@NAME; a name has letters, digits, '_', '.' and '-', starting with a letter or digit");
    }

    /// <summary>A volume, or a snapshot of one.</summary>
    public static (VolumeName Volume, SnapshotName? Snapshot) ParseEither(string text)
    {
        var snapshot = IsMeant(text) ? Parse(text) : null;
        return (snapshot?.Volume ?? VolumeName.Parse(text), snapshot);
    }

    /// <summary>The name that a snapshot gets when none was given: the present time, UTC.</summary>
    public static string OfNow() => DateTimeOffset.UtcNow.ToString("yyyy-MM-dd'T'HH.mm.ss.fff'Z'", CultureInfo.InvariantCulture);

    public override string ToString() => $"{Volume}@{Name}";
}
