using System.Collections.Generic;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Storage.Mounts;

/// <summary>What kvol itself needs on the host, with links resolved: the run directory, the configuration file and the store. A mount over
/// one of them, or over a directory above it, could not be undone by kvol.</summary>
internal sealed class OwnPlaces
{
    private readonly (string What, ByteString Path)[] places;

    /// <summary>Finds the places for a command that mounts.</summary>
    public OwnPlaces(RootSession session) =>
        places = [.. All(session.Context.Configuration, session.Runs.Path, session.Root!.Store)];

    /// <summary>Finds the places for a command that has opened none of them.</summary>
    public OwnPlaces(Configuration configuration) => places =
    [
        .. All(configuration, Find(configuration.RunDirectory), configuration.Root.StartsWith('/') ? Find(configuration.Root) : null),
    ];

    /// <summary>Throws an error (64) if a directory that is to be moved holds the run directory, the configuration file or the store, or
    /// lies in one of them.</summary>
    public void RequireApart(ByteString path)
    {
        foreach (var (what, own) in places)
        {
            if (own.IsAtOrBelow(path) || path.IsBelow(own))
            {
                throw new KvolException(ExitStatus.Usage, path.ToString(),
                    path.IsBelow(own) ? $"lies in {what} {own}" : own.Equals(path) ? $"is {what}" : $"holds {what} {own}");
            }
        }
    }

    /// <summary>Why nothing may be mounted on <paramref name="target"/>; null if it touches none of these places.</summary>
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

    private static IEnumerable<(string What, ByteString Path)> All(Configuration configuration, ByteString? run, ByteString? store)
    {
        if (run is not null)
        {
            yield return ("the run directory", run);
        }

        if (store is not null)
        {
            yield return ("the store", store);
        }

        if (Find(configuration.Path) is { } file)
        {
            yield return ("the configuration file", file);
        }
    }

    // Looks for a missing file in its parent directory. A place that cannot be reached needs no protection: no mount can hide it.
    private static ByteString? Find(string path)
    {
        if (HostPlace.Resolve(path) is { } there)
        {
            return there;
        }

        var absolute = HostPath.Absolute(path).TrimEnd('/');
        var slash = absolute.LastIndexOf('/');
        return HostPlace.Resolve(slash == 0 ? "/" : absolute[..slash])?.Plus(new ByteString(absolute[slash..]));
    }
}
