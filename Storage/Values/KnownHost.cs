using System.Linq;
using Kvol.Native;

namespace Kvol.Storage.Values;

/// <summary>The id of a host, which stays the same over reboots: letters, digits and dashes, so that it can be the name of a
/// directory.</summary>
internal sealed record HostId
{
    private const int MaximumLength = 64;

    private HostId(string text) => Text = text;

    public string Text { get; }

    /// <summary>Whether a text can be the id of a host.</summary>
    public static bool IsValid(string text) =>
        text.Length is > 0 and <= MaximumLength && text[0] != '-' && text.All(c => char.IsAsciiLetterOrDigit(c) || c == '-');

    /// <summary>An id, or an error (64).</summary>
    public static HostId Parse(string text) => IsValid(text) ? new HostId(text)
        : throw new KvolException(ExitStatus.Usage, Shown.Word(new ByteString(text).ToString()),
            "is not the id of a host, which has letters, digits and dashes; 'kvol doctor' lists the ids");

    public override string ToString() => Text;
}

/// <summary>A host that shares a store with others.</summary>
/// <param name="Name">Its name when it was recorded, for people.</param>
internal sealed record KnownHost(HostId Id, string Name)
{
    public override string ToString() => $"{Shown.Of(Name)} ({Id})";
}

/// <summary>One mount of a volume on a host, or a hold of it.</summary>
/// <param name="Root">The root directory that it is in; null for a holder that has none.</param>
/// <param name="Path">Its place on that host.</param>
internal sealed record HostUse(string? Root, string? Destination, string Path, string? Jail, bool IsReadOnly)
{
    /// <summary>Which directory <see cref="Root"/> was: it may be renamed, and another one may get its path. Null in a record of an earlier
    /// version.</summary>
    public FileIdentity? RootIdentity { get; init; }

    /// <summary>The name of the snapshot that the mount shows instead of the volume, or null.</summary>
    public string? Snapshot { get; init; }

    /// <summary>Who holds the volume, as <c>KIND:ID</c>; null for a mount.</summary>
    public string? Holder { get; init; }

    /// <summary>Whether the record of this use forbids other hosts all that the record of another one would.</summary>
    public bool Covers(HostUse other) => Snapshot == other.Snapshot && (!IsReadOnly || other.IsReadOnly);
}
