using System.Collections.Generic;
using Kvol.Native;
using Kvol.Storage.Values;

namespace Kvol.Storage.Mounts;

/// <summary>What kvol itself needs on the host, with links resolved: the run directory, the configuration file and the store. A mount over
/// one of them, or over a directory above it, could not be undone by kvol.</summary>
internal sealed class OwnPlaces
{
    private readonly (string What, ByteString Path)[] places;

    /// <summary>Finds them for one command.</summary>
    public OwnPlaces(RootSession session) => places = [.. All(session)];

    /// <summary>Why nothing may be mounted on <paramref name="target"/>; null if it touches none of them.</summary>
    public string? Objection(ByteString target)
    {
        foreach (var (what, path) in places)
        {
            if (path.IsAtOrBelow(target) || target.IsBelow(path))
            {
                return target.IsBelow(path) ? $"lies inside {what} {path}" : $"would cover {what} {path}";
            }
        }

        return null;
    }

    private static IEnumerable<(string What, ByteString Path)> All(RootSession session)
    {
        yield return ("the run directory", session.Runs.Path);
        if (session.Root!.Store is { } store)
        {
            yield return ("the store", store);
        }

        if (FindConfiguration(session.Context.Configuration.Path) is { } file)
        {
            yield return ("the configuration file", file);
        }
    }

    // A file that does not exist yet is sought in its directory all the same.
    private static ByteString? FindConfiguration(string path)
    {
        if (Resolved(path) is { } file)
        {
            return file;
        }

        var absolute = HostPath.Absolute(path);
        var slash = absolute.LastIndexOf('/');
        return Resolved(slash == 0 ? "/" : absolute[..slash])?.Plus(new ByteString(absolute[slash..]));
    }

    private static ByteString? Resolved(string path)
    {
        try
        {
            using var there = Files.OpenReference(new ByteString(path));
            return Files.PathOf(there);
        }
        catch (NativeException e) when (!e.IsWrongQuestion)
        {
            return null; // it cannot be reached, so no mount hides it
        }
    }
}
