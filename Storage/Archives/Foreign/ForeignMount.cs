using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Values;

namespace Kvol.Storage.Archives;

/// <summary>One mount of another program.</summary>
/// <param name="Type">A type of <see cref="NewFileSystem.Types"/>; null for a volume or a directory of the host.</param>
/// <param name="Source">The name of the volume, or an absolute path; "" where the type has no source.</param>
/// <param name="Options">Options as mount(8) knows them, and <c>subpath=PATH</c>.</param>
internal sealed record ForeignMount(string? Type, string Source, string Destination, IReadOnlyList<string> Options)
{
    // They say what is so anyway, or when a mount is made.
    private static readonly string[] Passed = ["rw", "auto", "defaults", "late", "failok", "nofail", "bind", "rbind"];

    private static readonly string[] Taken = ["ro", "nosuid", "noexec", "noatime", "nodev", "nocache", "linrdlnk", "size",
        "mode", "subpath"];

    /// <summary>The same as a SPEC. An error (64, 69) for an option that kvol does not know: without it, another mount than the described
    /// one would be made.</summary>
    public MountSpec Spec()
    {
        var built = new SpecOptions(Source.Length > 0 ? $"{Source}:{Destination}" : $"{Type} on {Destination}");
        string? uid = null, gid = null;
        foreach (var (name, value) in Options.Except(Passed).Select(KeyValue.Split))
        {
            switch (name)
            {
                case "nodev" when Host.UnsupportedFlags.Any(u => u.Flag == MountFlags.NoDevices):
                    break; // each mount of such a system is without devices
                case "uid":
                    uid = value;
                    break;
                case "gid" when Options.Any(o => o.StartsWith("uid=", StringComparison.Ordinal)):
                    gid = value;
                    break;
                default:
                    built.Add(Taken.Contains(name) ? name : throw new KvolException(ExitStatus.Usage, Destination,
                        $"kvol's mounts have no option {Shown.Word(name)}"), value);
                    break;
            }
        }

        if (uid is not null)
        {
            built.Add("owner", gid is null ? uid : $"{uid}:{gid}");
        }

        if (Options.Contains("rbind") && Type is null)
        {
            built.Add("recursive", null);
        }

        return built.Build(Source, Destination, Type);
    }
}
