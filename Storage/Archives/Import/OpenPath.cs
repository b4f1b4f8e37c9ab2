using System;
using System.Collections.Generic;
using Kvol.Native;
using Kvol.Storage.Values;

namespace Kvol.Storage.Archives;

/// <summary>The directory that an import is in, and those above it, kept open: the next member is mostly in the same. Each step is one
/// openat(2) that follows no link, whoever made it, so that nothing outside the top is ever reached.</summary>
internal sealed class OpenPath(Fd top) : IDisposable
{
    private const int Limit = 16;

    private readonly List<(ByteString Name, Fd Directory)> levels = [];
    private int closedBelow;

    /// <summary>Another number whenever it is in another directory.</summary>
    public int Version { get; private set; }

    /// <summary>Goes to a directory; missing ones are made on the way when <paramref name="make"/> is set. The descriptor is this object's,
    /// until the next call.</summary>
    public Fd Go(ReadOnlySpan<ByteString> names, bool make)
    {
        var common = 0;
        while (common < levels.Count && common < names.Length && levels[common].Name.Equals(names[common]))
        {
            common++;
        }

        Leave(common);
        if (closedBelow >= levels.Count && levels.Count > 0)
        {
            Leave(0); // all that is left was closed to save descriptors
        }

        for (var i = levels.Count; i < names.Length; i++)
        {
            Version++;
            levels.Add((names[i], Step(levels.Count == 0 ? top : levels[^1].Directory, names[i], make)));
            if (levels.Count - closedBelow > Limit)
            {
                levels[closedBelow].Directory.Dispose();
                levels[closedBelow] = (levels[closedBelow].Name, Fd.None);
                closedBelow++;
            }
        }

        return levels.Count == 0 ? top : levels[^1].Directory;
    }

    public void Dispose() => Leave(0);

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

    private static Fd Step(Fd parent, ByteString name, bool make)
    {
        try
        {
            try
            {
                return RootedPath.OpenDirectoryBelow(parent, name);
            }
            catch (NativeException e) when (e.Failure == Failure.NotFound && make)
            {
                Files.MakeDirectory(parent, name, Permissions.AllEnter);
                return RootedPath.OpenDirectoryBelow(parent, name);
            }
        }
        catch (NativeException e) when (e.Failure == Failure.CrossDevice)
        {
            throw new RefusedException($"lies below '{name}', which something is mounted on");
        }
        catch (NativeException e) when (e.Failure is Failure.NotDirectory or Failure.Loop)
        {
            throw new RefusedException($"lies below '{name}', which is no directory (a link is not followed)");
        }
    }
}
