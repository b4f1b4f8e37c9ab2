using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Native;

namespace Kvol.Storage.Values;

/// <summary>Collects the options of one <see cref="MountSpec"/> and refuses those that contradict each other or the source.</summary>
internal sealed class SpecOptions(string spec)
{
    private static readonly string[] Known = ["ro", "rw", "nocopy", "nocreate", "nosuid", "noexec", "noatime", "recursive",
        "create-source"];

    private static readonly string[] OfVolumes = ["nocopy", "nocreate"], OfHostMounts = ["create-source"];

    /// <summary>The options that a host mount, or a volume, may have on this system; one that has a value ends in <c>=</c>.</summary>
    public static IEnumerable<string> Of(bool host) => Known.Append("subpath=")
        .Except(host ? [.. OfVolumes, "subpath="] : OfHostMounts)
        .Where(o => o != "noatime" || (Host.UnsupportedFlags & MountFlags.NoAccessTime) == 0);

    // What was asked of each option, with the word that asked for it. 'rw' is the opposite of 'ro'.
    private readonly Dictionary<string, (bool On, string Word)> given = [];
    private string? subpath;

    /// <summary>Takes an option; <paramref name="typed"/> is its other name, if it was given by that.</summary>
    public void Add(string name, string? value, string? typed = null)
    {
        var word = (typed ?? name) + (value is null ? "" : $"={value}");
        if (name == "subpath")
        {
            subpath = subpath is null ? ParseSubpath(value ?? "") : throw MountSpec.Wrong(spec, "'subpath' is given twice");
            return;
        }

        if (!Known.Contains(name))
        {
            throw MountSpec.Wrong(spec, name.Length == 0 ? "an empty option"
                : $"unknown option '{new ByteString(name)}'; known: {string.Join(' ', Known)} subpath=PATH");
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
        if (source.Length == 0)
        {
            throw MountSpec.Wrong(spec, "the source is missing: the name of a volume, or an absolute path");
        }

        if ((source + destination + subpath).Contains('\uFFFD', StringComparison.Ordinal))
        {
            throw MountSpec.Wrong(spec, "not valid UTF-8");
        }

        var host = type is null ? MountSpec.IsHostPath(source) : type != "volume";
        if (type is not null && host && !MountSpec.IsHostPath(source))
        {
            throw MountSpec.Wrong(spec, $"the source of type {type} must be a path");
        }

        RefuseFor(host ? OfVolumes : OfHostMounts, host ? "volumes only" : "host mounts only; kvol creates volumes without it");
        if (host && subpath is not null)
        {
            throw MountSpec.Wrong(spec, "'subpath' applies to volumes only; give the whole path");
        }

        var flags = MountOptions.All.Where(f => Has(f.Name)).Aggregate(MountFlags.None, (all, f) => all | f.Flag);
        if ((flags & Host.UnsupportedFlags) != 0)
        {
            throw MountSpec.Wrong(spec, "noatime cannot be set on a nullfs mount; set it on the file system below", ExitStatus.Unavailable);
        }

        return new MountSpec
        {
            Volume = host ? null : VolumeName.Parse(source),
            HostPath = host ? HostPath.Absolute(source) : null,
            Destination = MountSpec.ParseDestination(destination, spec),
            Flags = flags,
            NoCopy = Has("nocopy"),
            NoCreate = given.TryGetValue("nocreate", out var nocreate) ? nocreate.On : null,
            Recursive = Has("recursive"),
            CreateSource = Has("create-source"),
            Subpath = subpath,
        };
    }

    private void RefuseFor(string[] options, string scope)
    {
        if (options.FirstOrDefault(Has) is { } option)
        {
            throw MountSpec.Wrong(spec, $"'{option}' applies to {scope}");
        }
    }

    private string ParseSubpath(string value)
    {
        var parts = value.Split('/').Where(p => p.Length > 0 && p != ".").ToArray();
        return parts.Length == 0 || value.StartsWith('/') || parts.Contains("..")
            ? throw MountSpec.Wrong(spec, "subpath must be a relative path inside the volume, without '..'")
            : string.Join('/', parts);
    }
}
