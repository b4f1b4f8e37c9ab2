using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Native;

namespace Kvol.Storage.Values;

/// <summary>Collects the options of one <see cref="MountSpec"/> and refuses those that contradict each other or the source.</summary>
internal sealed class SpecOptions(string spec)
{
    /// <summary>What <see cref="Of"/> calls a host mount.</summary>
    public const string HostMount = "host mount";

    /// <summary>What <see cref="Of"/> calls a snapshot of a volume.</summary>
    public const string SnapshotMount = "snapshot";

    private static readonly string[] Known = ["ro", "rw", "nocopy", "nocreate", "nosuid", "noexec", "noatime", "nodev",
        "nocache", "recursive", "create-source", "linrdlnk"], Valued = ["subpath", "size", "mode", "owner", MountSpec.IdMapOption];

    /// <summary>The options that a mount of this type may have on this system; one that has a value ends in <c>=</c>.</summary>
    public static IEnumerable<string> Of(string type) => Known.Concat(Valued.Select(v => v + "="))
        .Where(o => Applies(o.TrimEnd('='), type) && !Unsupported(type).Any(u => MountOptions.Of(u.Flag).Contains(o))
            && (Host.NoIdMaps is null || o != MountSpec.IdMapOption + "="));

    // What was asked of each option, with the word that asked for it. 'rw' is the opposite of 'ro'.
    private readonly Dictionary<string, (bool On, string Word)> given = [];

    private readonly Dictionary<string, string> values = [];

    /// <summary>Whether an owner is among options in the short form; it may have a colon.</summary>
    public static bool HasOwner(string options) =>
        options.Split(',').Any(o => o.StartsWith("owner=", StringComparison.Ordinal) || o.StartsWith("U=", StringComparison.Ordinal));

    /// <summary>Takes an option; <paramref name="typed"/> is its other name, if it was given by that.</summary>
    public void Add(string name, string? value, string? typed = null)
    {
        var word = (typed ?? name) + (value is null ? "" : $"={value}");
        name = name == "U" ? "owner" : name; // as podman calls it
        if (Valued.Contains(name))
        {
            if (!values.TryAdd(name, value ?? ""))
            {
                throw MountSpec.Wrong(spec, $"'{name}' is given twice");
            }

            return;
        }

        if (!Known.Contains(name))
        {
            throw MountSpec.Wrong(spec, name.Length == 0 ? "an empty option"
                : $"unknown option '{new ByteString(name)}'; known: {string.Join(' ', Known)} subpath=PATH size=SIZE mode=MODE "
                    + "owner=UID:GID idmap=PATH");
        }

        var on = value is null ? true : Truth.TryParse(value)
            ?? throw MountSpec.Wrong(spec, $"'{Shown.Of(word)}': '{Shown.Of(value)}' is neither true nor false");
        var (key, isOn) = name == "rw" ? ("ro", !on) : (name, on);
        if (!given.TryAdd(key, (isOn, word)) && given[key] is var other && other.On != isOn)
        {
            throw MountSpec.Wrong(spec, $"'{Shown.Of(other.Word)}' and '{Shown.Of(word)}' contradict each other");
        }
    }

    private bool Has(string name) => given.TryGetValue(name, out var asked) && asked.On;

    /// <summary>The whole spec; <paramref name="type"/> is that of the long form, or null.</summary>
    public MountSpec Build(string source, string destination, string? type)
    {
        var made = type is not null && NewFileSystem.Types.Contains(type) ? type : null;
        if (made is not null && source.Length > 0 && source != made)
        {
            throw MountSpec.Wrong(spec, $"a {made} has no source");
        }

        if (made is null && source.Length == 0)
        {
            throw MountSpec.Wrong(spec, "the source is missing: the name of a volume, or an absolute path");
        }

        var paths = source + destination + values.GetValueOrDefault("subpath");
        if (paths.AsSpan().IndexOfAny('\uFFFD', '\0') is >= 0 and var at)
        {
            throw MountSpec.Wrong(spec, paths[at] == '\0' ? "has a byte that is zero" : "not valid UTF-8");
        }

        var host = made is null && (type is null ? MountSpec.IsHostPath(source) : type != MountSpec.VolumeType);
        if (type is not null && host && !MountSpec.IsHostPath(source))
        {
            throw MountSpec.Wrong(spec, $"the source of type {type} must be a path");
        }

        var (volume, snapshot) = host || made is not null ? (null, null) : SnapshotName.ParseEither(source);
        var kind = made ?? (host ? HostMount : snapshot is not null ? SnapshotMount : MountSpec.VolumeType);
        if (Known.Where(Has).Concat(values.Keys).FirstOrDefault(o => !Applies(o, kind)) is { } option)
        {
            throw MountSpec.Wrong(spec, snapshot is not null && option is ("nocopy" or "nocreate" or "owner" or "recursive")
                ? $"'{option}' is for volumes: a mount of a snapshot creates, fills and changes nothing, and shows no datasets inside"
                : $"'{option}' applies to {ScopeOf(option, host)}");
        }

        if (snapshot is not null && given.TryGetValue("ro", out var access) && !access.On)
        {
            throw MountSpec.Wrong(spec, $"'{Shown.Of(access.Word)}': a snapshot never changes, so it is mounted read-only; for a volume "
                + $"with its content that can be written to: kvol clone {snapshot} NEW");
        }

        var flags = MountOptions.All.Where(f => Has(f.Name)).Aggregate(MountFlags.None, (all, f) => all | f.Flag);
        flags |= snapshot is not null ? MountFlags.ReadOnly : MountFlags.None;
        if (Unsupported(kind).FirstOrDefault(u => (flags & u.Flag) != 0) is { Reason: { } reason })
        {
            throw MountSpec.Wrong(spec, reason, ExitStatus.Unavailable);
        }

        if (made is not null && !Host.NewFileSystems.Contains(made))
        {
            throw MountSpec.Wrong(spec, $"{made} is a file system of FreeBSD; this system has none of that type", ExitStatus.Unavailable);
        }

        return new MountSpec
        {
            Volume = volume,
            Snapshot = snapshot,
            HostPath = host ? HostPath.Absolute(source) : null,
            New = made is null ? null : Make(made),
            Uid = made is null ? Owner().Uid : null,
            Gid = made is null ? Owner().Gid : null,
            IdMap = values.TryGetValue(MountSpec.IdMapOption, out var map) ? ParseIdMap(map) : null,
            Destination = MountSpec.ParseDestination(destination, spec),
            Flags = flags,
            NoCopy = Has("nocopy"),
            NoCreate = given.TryGetValue("nocreate", out var nocreate) ? nocreate.On : null,
            Recursive = Has("recursive"),
            CreateSource = Has("create-source"),
            Subpath = values.TryGetValue("subpath", out var subpath) ? ParseSubpath(subpath) : null,
        };
    }

    // Which options a mount of a type may have; the type is a volume, HostMount, or one of NewFileSystem.Types.
    private static bool Applies(string option, string type) => option switch
    {
        "nocopy" or "nocreate" => type == MountSpec.VolumeType,
        "subpath" => type is MountSpec.VolumeType or SnapshotMount,
        "create-source" => type == HostMount,
        "recursive" or "nocache" => type is MountSpec.VolumeType or HostMount,
        "noatime" => type is MountSpec.VolumeType or SnapshotMount or HostMount or NewFileSystem.Memory,
        "size" or "mode" => type == NewFileSystem.Memory,
        "owner" => type is MountSpec.VolumeType or NewFileSystem.Memory,
        "linrdlnk" => type == NewFileSystem.Descriptors,
        MountSpec.IdMapOption => !NewFileSystem.Types.Contains(type),
        _ => true,
    };

    private static string ScopeOf(string option, bool host) => option switch
    {
        "subpath" when host => "volumes only; give the whole path",
        "nocopy" or "nocreate" or "subpath" => "volumes only",
        "create-source" => "host mounts only; kvol creates volumes without it",
        "recursive" or "nocache" => "volumes and host mounts only",
        "noatime" => "volumes, host mounts and tmpfs only",
        "owner" => "volumes and tmpfs only",
        MountSpec.IdMapOption => "volumes, snapshots and host mounts only; 'owner' and 'mode' give a tmpfs ids of the host",
        "linrdlnk" => "fdescfs only, for example type=fdescfs,destination=/dev/fd,linrdlnk",
        _ => "tmpfs only, for example type=tmpfs,destination=/tmp,size=64m",
    };

    private static IReadOnlyList<(MountFlags Flag, string Reason)> Unsupported(string type) =>
        NewFileSystem.Types.Contains(type) ? Host.UnsupportedByNew : Host.UnsupportedFlags;

    private NewFileSystem Make(string type)
    {
        var (uid, gid) = Owner();
        uint? mode = null;
        ulong? size = null;
        if (values.TryGetValue("size", out var bytes))
        {
            size = Size.Parse("size", bytes) is > 0 and <= NewFileSystem.MostBytes and var n ? n
                : throw MountSpec.Wrong(spec, "a size is above 0 and at most 4E; without 'size' the memory of the host is the limit");
        }

        if (values.TryGetValue("mode", out var octal))
        {
            mode = TopText.ParseMode(octal) ?? throw MountSpec.Wrong(spec, TopText.WrongMode);
        }

        return new NewFileSystem(type) { Size = size, Mode = mode, Uid = uid, Gid = gid, LinkTargets = Has("linrdlnk") };
    }

    private (uint? Uid, uint? Gid) Owner()
    {
        if (!values.TryGetValue("owner", out var owner))
        {
            return (null, null);
        }

        var (uid, gid) = TopText.ParseOwner(owner) ?? throw MountSpec.Wrong(spec, TopText.WrongOwner);
        return (uid, gid);
    }

    private string ParseIdMap(string value) => Host.NoIdMaps is { } reason ? throw MountSpec.Wrong(spec, reason)
        : value.StartsWith('/') && value.AsSpan().IndexOfAny(":\\\0\uFFFD") < 0 ? HostPath.Absolute(value)
        : throw MountSpec.Wrong(spec, "idmap is the absolute path of a user namespace, without ':', for example /proc/PID/ns/user");

    private string ParseSubpath(string value)
    {
        var parts = value.Split('/').Where(p => p.Length > 0 && p != ".").ToArray();
        return parts.Length == 0 || value.StartsWith('/') || parts.Contains("..")
            ? throw MountSpec.Wrong(spec, "subpath must be a relative path inside the volume, without '..'")
            : string.Join('/', parts);
    }
}
