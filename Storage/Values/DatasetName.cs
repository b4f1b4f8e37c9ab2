using System;
using System.Linq;

namespace Kvol.Storage.Values;

/// <summary>The name of a file system dataset, valid by construction: module/zcommon/zfs_namecheck.c of OpenZFS.</summary>
internal sealed record DatasetName
{
    private const int MaximumLength = 255; // ZFS_MAX_DATASET_NAME_LEN, with its terminator 256

    private DatasetName(string text) => Text = text;

    public string Text { get; }

    public string Pool => Text.Split('/')[0];

    /// <summary>The dataset that this one is in, or null for that of a pool.</summary>
    public DatasetName? Parent => Text.LastIndexOf('/') is >= 0 and var slash ? new DatasetName(Text[..slash]) : null;

    /// <summary>The name of a store's dataset, or an error (64) that says what is wrong with the text.</summary>
    public static DatasetName Parse(string text) => Problem(text) is not { } reason ? new DatasetName(text)
        : throw new KvolException(ExitStatus.Usage, new Native.ByteString(text).ToString(), reason);

    /// <summary>Whether the store's dataset can have this name.</summary>
    public static bool IsValid(string text) => Problem(text) is null;

    /// <summary>What is after the last slash of a dataset's name.</summary>
    public static string Last(string name) => name[(name.LastIndexOf('/') + 1)..];

    /// <summary>A dataset in this one, or an error (64) when its name would be too long.</summary>
    public DatasetName Child(string name) => Text.Length + 1 + name.Length <= MaximumLength ? new DatasetName($"{Text}/{name}")
        : throw new KvolException(ExitStatus.Usage, name,
            $"the dataset {Text}/{name} would have a name longer than {MaximumLength} characters");

    public override string ToString() => Text;

    private static string? Problem(string text)
    {
        var parts = text.Split('/');
        return parts.Any(p => p.Length == 0) ? "a dataset is POOL or POOL/NAME, without an empty part; a directory store begins with /"
            : text.Contains('@', StringComparison.Ordinal) ? "is a snapshot, not a dataset"
            : !char.IsAsciiLetter(text[0]) || parts.Any(p => p is "." or ".." || !p.All(IsAllowed))
                ? "is not the name of a dataset (POOL/NAME); a directory store is an absolute path, which begins with /"
            : text.Length > MaximumLength ? "is longer than the name of a dataset can be"
            : null;
    }

    private static bool IsAllowed(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or ':' or ' ';
}
