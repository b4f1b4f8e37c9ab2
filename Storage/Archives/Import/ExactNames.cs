using System;
using Kvol.Native;

namespace Kvol.Storage.Archives;

/// <summary>File systems that take two names for one: they know no case, or only one form of an accent. There a name that is found is not
/// always the one that was
/// asked for, and the second of two members must not go into the place of the first.</summary>
/// <param name="top">The directory that is filled. Whether its file system is such a one is found out by trying.</param>
internal sealed class ExactNames(Fd top)
{
    // As others could write it: in capitals, with the accent apart, with an end that Windows cuts off.
    private static readonly Func<string,
        string>[] Others = [n => n.ToUpperInvariant(), n => n.Replace("\u00e9", "e\u0301", StringComparison.Ordinal), n => n + "."];

    /// <summary>Whether this is such a file system. There the order of members counts even where their names differ.</summary>
    public bool Fold { get; } = Folds(top);

    /// <summary>Refuses a name that is found in a directory when the entry there has another one.</summary>
    public void Require(Fd directory, ByteString name)
    {
        if (Fold && Other(directory, name) is { } other)
        {
            throw new RefusedException($"has the same name as '{other}' on this file system, which is there already");
        }
    }

    // What the entry that a name leads to is called, when that is another name.
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
        var name = $".kvol-new-{RandomHex.Of(16)}-\u00e9";
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
