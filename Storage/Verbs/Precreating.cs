using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Archives;
using Kvol.Storage.Base;
using Kvol.Storage.Mounts;
using Kvol.Storage.Values;

namespace Kvol.Storage.Verbs;

/// <summary><c>kvol oci precreate</c>: makes the volumes that a container's annotations name, and has its runtime mount them.</summary>
internal static class Precreating
{
    /// <summary>What the keys of the annotations begin with that name volumes.</summary>
    public const string Prefix = "org.kvol.volume.";

    /// <summary>The annotation that says by which hold the volumes are held.</summary>
    public const string HoldKey = "org.kvol.hold";

    private const int LongestWord = 64;

    /// <summary>Reads a container's configuration from standard input, makes, seeds and holds the volumes, and passes the configuration
    /// with their mounts to <paramref name="print"/>; all or nothing. A configuration that names no volume is passed as it
    /// came.</summary>
    public static IReadOnlyList<PreparedVolume> Run(Context context, Action<ReadOnlyMemory<byte>> print)
    {
        using var input = InputFile.Open(null);
        var config = OciDocument.Parse(input.ReadAll(context), input.Subject);
        if (config.Annotations.Any(a => a.Key == HoldKey))
        {
            throw new KvolException(ExitStatus.Usage, HoldKey,
                "only kvol writes this annotation; give the configuration as it was before, or leave the annotation out");
        }

        var specs = Specs(config);
        if (specs.Count == 0)
        {
            print(config.Text);
            return [];
        }

        return Mounter.Prepare(context, RootOf(config), specs, [.. config.Mounts.Select(m => m.Destination)],
            session => RequireFree(session, config, specs), (session, volumes) => Complete(session, config, volumes, print));
    }

    private static void Complete(RootSession session, OciDocument config, IReadOnlyList<PreparedVolume> volumes,
        Action<ReadOnlyMemory<byte>> print)
    {
        var holder = Holder.New(Holder.Oci);
        var text = OciEdit.Of(config, (HoldKey, holder.Id), volumes.Select(MountOf));
        var (root, store) = (session.Root!, session.Store!);
        var hold = new Hold(holder, session.Path, RootMount.Of(root.Descriptor), [.. volumes.Select(v => new HeldVolume(
            store.Id, v.Spec.Volume!, v.Spec.IsReadOnly, session.Path + v.Spec.Destination, v.Spec.Destination))]);
        try
        {
            Holds.Take(session.Context, store, hold);
            print(text);
        }
        catch
        {
            Holds.Release(session.Context, holder);
            throw;
        }
    }

    // The runtime resolves the source by its path. Only root can change what that leads to.
    private static NewOciMount MountOf(PreparedVolume volume)
    {
        var source = volume.Path.Text;
        return source.Contains('\uFFFD', StringComparison.Ordinal)
            ? throw new KvolException(ExitStatus.Unavailable, volume.Spec.Volume!.Text,
                $"the path {volume.Path} of the volume is not UTF-8, so the configuration of a container cannot name it")
            : new NewOciMount(volume.Spec.Destination, Host.BindType, source, [.. Host.ContainerOptions,
                .. volume.Spec.IsReadOnly ? (string[])[] : ["rw"], .. MountOptions.Of(volume.Spec.Flags)]);
    }

    private static IReadOnlyList<MountSpec> Specs(OciDocument config) =>
        [.. config.Annotations.Where(a => a.Key.StartsWith(Prefix, StringComparison.Ordinal)).OrderBy(a => NumberOf(a.Key))
            .ThenBy(a => a.Key, StringComparer.Ordinal).Select(a => Spec(a.Key, a.Value))];

    // Numbers come first, then words.
    private static int NumberOf(string key) =>
        int.TryParse(key[Prefix.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : int.MaxValue;

    private static MountSpec Spec(string key, string text)
    {
        var word = key[Prefix.Length..];
        if (word.Length is 0 or > LongestWord || !word.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.'))
        {
            throw new KvolException(ExitStatus.Usage, Shown.Word(key), $"after {Prefix} a number or a word must follow");
        }

        MountSpec spec;
        try
        {
            spec = MountSpec.Parse(text);
        }
        catch (KvolException e)
        {
            throw new KvolException(e.Status, key, e.Message);
        }

        var reason = spec.New is { Type: var type } ? $"kvol mounts no {type} in a container; have the container's manager mount it"
            : spec.HostPath is not null ? "names a directory of the host; an annotation may come with an image, so it can only name "
                + "volumes; have the container's manager mount the directory"
            : spec.Subpath is not null ? "'subpath' is not for containers: their runtime looks the path up again, and what another "
                + "container put there could lead it out of the volume"
            : spec.Snapshot is not null ? "names a snapshot, which is not for containers; name a volume, or clone the snapshot into one"
            : spec.IdMap is not null ? "'idmap' is not for containers; their runtime maps owners by the mount's own options"
            : spec.Recursive ? "'recursive' is not for containers; leave it out"
            : null;
        return reason is null ? spec : throw new KvolException(ExitStatus.Usage, key, reason);
    }

    // The specification counts a relative path from the bundle, which a configuration does not name. podman writes an absolute one; only
    // newer versions run their hooks in the bundle (pkg/hooks/exec of containers/common), but before it has its config.json.
    private static string RootOf(OciDocument config)
    {
        if (string.IsNullOrEmpty(config.Root))
        {
            throw config.Wrong("it names no root directory (root.path)");
        }

        return config.Root.StartsWith('/') || Files.Exists(Files.Here, new ByteString("config.json")) ? config.Root
            : throw new KvolException(ExitStatus.Usage, Shown.Word(config.Root), "the root directory is relative to the bundle, and the "
                + "working directory is no bundle, because it has no config.json; run kvol in the bundle, or write an absolute path");
    }

    // A destination may lead to that of another mount by a link in the root directory.
    private static void RequireFree(RootSession session, OciDocument config, IReadOnlyList<MountSpec> specs)
    {
        var taken = config.Mounts.Select(m => (Mount: m, Place: PlaceOf(session, m.Destination))).ToArray();
        var places = new Dictionary<ByteString, MountSpec>();
        foreach (var spec in specs)
        {
            var place = PlaceOf(session, spec.Destination);
            if (taken.FirstOrDefault(t => t.Mount.Destination == spec.Destination || (place is not null && place.Equals(t.Place)))
                is { Mount: { } mount })
            {
                throw new KvolException(ExitStatus.Usage, spec.Destination,
                    $"cannot take volume {spec.Volume}: {Shown.Word(mount.What)} is mounted on {Shown.Word(mount.Destination)} of the "
                    + "container; choose another destination, or leave that mount out");
            }

            if (place is not null && !places.TryAdd(place, spec))
            {
                throw new KvolException(ExitStatus.Usage, spec.Destination,
                    $"leads to the same directory as {places[place].Destination}; choose another destination");
            }
        }
    }

    private static ByteString? PlaceOf(RootSession session, string destination)
    {
        try
        {
            using var place = session.Root!.Find(destination) ?? Fd.None;
            return place.IsOpen ? Files.PathOf(place) : null;
        }
        catch (KvolException)
        {
            return null; // a device, or what cannot be reached: the runtime says what is wrong with it
        }
    }
}
