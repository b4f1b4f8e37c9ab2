using System;
using Kvol.Native;

namespace Kvol.Storage.Archives;

/// <summary>Detects file systems that treat two names as one, because they ignore case or normalize accents. There the entry that a lookup
/// finds may have another name, and the second of two members must not replace the first.</summary>
/// <param name="top">The directory that is filled. kvol finds out by trying whether its file system is of that kind.</param>
internal sealed class ExactNames(Fd top)
{
    private const string Prefix = ".kvol-new-";

    // Variants of a name: with ASCII capitals, with all capitals, with a separate accent, with an ending that Windows removes.
    private static readonly Func<string, string>[] Others =
    [
        n => n.Replace(Prefix, Prefix.ToUpperInvariant(), StringComparison.Ordinal), n => n.ToUpperInvariant(),
        n => n.Replace("\u00e9", "e\u0301", StringComparison.Ordinal), n => n + ".",
    ];

    /// <summary>Whether this is such a file system. There the order of members matters even if their names differ.</summary>
    public bool Fold { get; } = Folds(top);

    /// <summary>Refuses a name when the entry that it leads to in a directory has another name.</summary>
    public void Require(Fd directory, ByteString name)
    {
        if (Fold && Other(directory, name) is { } other)
        {
            throw new RefusedException($"has the same name on this file system as '{other}', which already exists");
        }
    }

    // The real name of the entry that a name leads to, when they differ.
    private static ByteString? Other(Fd directory, ByteString name)
    {
        var identity = Files.Status(directory, name).Identity;
        ByteString? other = null;
        using var listing = Files.Reopen(directory);
        var reader = new DirectoryReader();
        for (reader.Start(listing); reader.MoveNext();)
        {
            if (reader.Name.Bytes.SequenceEqual(name.Bytes))
            {
                return null;
            }

            if (other is null && IsSameName(directory, reader.Name, identity))
            {
                other = reader.Name.Keep();
            }
        }

        return other ?? new ByteString("another one");
    }

    private static bool IsSameName(Fd directory, CName name, FileIdentity identity)
    {
        try
        {
            return Files.Status(directory, name).Identity == identity;
        }
        catch (NativeException e) when (e.Failure == Failure.NotFound)
        {
            return false; // another thread is replacing it
        }
    }

    private static bool Folds(Fd top)
    {
        var name = $"{Prefix}{RandomHex.Of(16)}-\u00e9";
        try
        {
            Files.CreateNew(top, new ByteString(name), 0).Dispose();
        }
        catch (NativeException e) when (e.CannotHold)
        {
            return true; // who refuses names may change them too
        }

        var folds = Array.Exists(Others, other => Files.Exists(top, new ByteString(other(name))));
        Files.Remove(top, new ByteString(name));
        return folds;
    }
}
