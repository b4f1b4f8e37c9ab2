using System;
using System.Collections.Generic;
using Kvol.Native;
using Kvol.Storage.Values;

namespace Kvol.Storage.Archives;

/// <summary>The current directory of an import and those above it, kept open because the next member is usually in the same one. Each step
/// is one openat(2) that follows no link, whoever made the link, so the import never leaves the top.</summary>
/// <param name="exact">Checks that a name is exactly the one in the directory.</param>
internal sealed class OpenPath(Fd top, ExactNames exact) : IDisposable
{
    private const int Limit = 16;

    // Each level's name ends in the path at its End.
    private readonly List<(int End, Fd Directory)> levels = [];
    private byte[] path = new byte[256];
    private int closedBelow;

    /// <summary>Changes whenever the current directory changes.</summary>
    public int Version { get; private set; }

    /// <summary>Directories that were missing and were made.</summary>
    public long Made { get; private set; }

    /// <summary>Goes to a directory; missing ones are made on the way when <paramref name="make"/> is set. This object owns the descriptor,
    /// which is valid until the next call.</summary>
    public Fd Go(ReadOnlySpan<byte> names, bool make)
    {
        Leave(Common(names));
        if (closedBelow >= levels.Count && levels.Count > 0)
        {
            Leave(0); // all that is left was closed to save descriptors
        }

        for (var at = levels.Count == 0 ? 0 : levels[^1].End + 1; at < names.Length; at = levels[^1].End + 1)
        {
            var slash = names[at..].IndexOf((byte)'/');
            var end = slash < 0 ? names.Length : at + slash;
            var step = Step(levels.Count == 0 ? top : levels[^1].Directory, new ByteString(names[at..end]), make);
            Version++;
            levels.Add((end, step));
            Remember(names, end);
            if (levels.Count - closedBelow > Limit)
            {
                levels[closedBelow].Directory.Dispose();
                levels[closedBelow] = (levels[closedBelow].End, Fd.None);
                closedBelow++;
            }
        }

        return levels.Count == 0 ? top : levels[^1].Directory;
    }

    public void Dispose() => Leave(0);

    // How many levels a path shares with this one.
    private int Common(ReadOnlySpan<byte> names)
    {
        var common = levels.Count == 0 ? 0 : names.CommonPrefixLength(path.AsSpan(0, levels[^1].End));
        var count = levels.Count;
        while (count > 0
            && (levels[count - 1].End > common || (levels[count - 1].End < names.Length && names[levels[count - 1].End] != '/')))
        {
            count--;
        }

        return count;
    }

    private void Remember(ReadOnlySpan<byte> names, int end)
    {
        var start = levels.Count < 2 ? 0 : levels[^2].End;
        if (path.Length < end)
        {
            Array.Resize(ref path, Math.Max(names.Length, 2 * path.Length));
        }

        names[start..end].CopyTo(path.AsSpan(start));
    }

    private void Leave(int count)
    {
        while (levels.Count > count)
        {
            Version++;
            levels[^1].Directory.Dispose();
            levels.RemoveAt(levels.Count - 1);
        }

        closedBelow = Math.Min(closedBelow, levels.Count);
    }

    private Fd Step(Fd parent, ByteString name, bool make)
    {
        try
        {
            try
            {
                var directory = RootedPath.OpenDirectoryBelow(parent, name);
                Require(parent, name, directory);
                return directory;
            }
            catch (NativeException e) when (e.Failure == Failure.NotFound && make)
            {
                Files.MakeDirectory(parent, name, Permissions.AllEnter);
                Made++;
                return RootedPath.OpenDirectoryBelow(parent, name);
            }
        }
        catch (NativeException e) when (e.Failure == Failure.CrossDevice)
        {
            throw new RefusedException($"lies below '{name}', which is a mount point");
        }
        catch (NativeException e) when (e.Failure is Failure.NotDirectory or Failure.Loop)
        {
            throw new RefusedException($"lies below '{name}', which is not a directory (links are not followed)");
        }
    }

    private void Require(Fd parent, ByteString name, Fd directory)
    {
        try
        {
            exact.Require(parent, name);
        }
        catch
        {
            directory.Dispose();
            throw;
        }
    }
}
