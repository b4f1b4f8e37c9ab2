using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Storage.Values;

namespace Kvol.Storage.Archives;

/// <summary>Collects what Docker or podman keeps, and says of each thing that kvol cannot take why.</summary>
/// <param name="directory">The directory in which each volume has one of its own.</param>
internal sealed class ForeignVolumes(string directory)
{
    private const int RandomLength = 64; // the name of an anonymous volume is as long as an identifier, in hex

    private readonly List<ForeignVolume> volumes = [];
    private readonly List<ForeignRoot> roots = [];
    private readonly List<string> left = [];
    private readonly HashSet<string> known = [];

    public ForeignHost Host => new(volumes, roots, left);

    /// <summary>Adds a volume that the program has on record.</summary>
    /// <param name="device">What the driver mounts instead of the directory; "" if nothing.</param>
    public void Add(string name, string driver, string device, IReadOnlyDictionary<string, string> labels, bool anonymous)
    {
        var data = $"{directory}/{name}/_data";
        var reason = !VolumeName.IsValid(name) ? "its name cannot be the name of a volume of kvol"
            : driver is not ("" or "local") ? $"its data are with the driver {Shown.Of(driver)}"
            : device.Length > 0 ? $"it is a mount of {Shown.Of(device)}"
            : null;
        if (reason is null)
        {
            known.Add(name);
            reason = ForeignFiles.IsDirectory(data) ? null : $"{data} is not there";
        }

        if (reason is null)
        {
            volumes.Add(new ForeignVolume(VolumeName.Parse(name), data, Kept(name, labels), anonymous || IsRandom(name)));
        }
        else
        {
            Leave($"volume {Shown.Word(name)}", reason);
        }
    }

    /// <summary>Adds what is mounted in a container.</summary>
    public void Add(string container, IEnumerable<ForeignMount> mounts)
    {
        if (!VolumeName.IsValid(container)) // the name of a directory, and of a jail
        {
            Leave($"container {Shown.Word(container)}", "its name cannot be the name of a jail");
            return;
        }

        var specs = new List<MountSpec>();
        foreach (var mount in mounts)
        {
            var what = $"container {Shown.Word(container)}: the mount on {Shown.Word(mount.Destination)}";
            if (mount.Type is null && !MountSpec.IsHostPath(mount.Source) && !known.Contains(mount.Source))
            {
                Leave(what, $"its volume {Shown.Word(mount.Source)} is not taken");
                continue;
            }

            try
            {
                specs.Add(mount.Type is null or NewFileSystem.Memory ? mount.Spec()
                    : throw new KvolException(ExitStatus.Usage, mount.Destination, $"it is of type {Shown.Of(mount.Type)}"));
            }
            catch (KvolException e) when (e.Status is ExitStatus.Usage or ExitStatus.Unavailable)
            {
                Leave(what, e.Reason);
            }
        }

        if (specs.Count > 0)
        {
            roots.Add(new ForeignRoot(container, [.. specs.OrderBy(s => s.Destination, StringComparer.Ordinal)]));
        }
    }

    public void Leave(string what, string reason) => left.Add($"{what}: left out: {reason}");

    private Dictionary<string, string> Kept(string volume, IReadOnlyDictionary<string, string> labels)
    {
        foreach (var (key, _) in labels.Where(l => !IsLabel(l)))
        {
            Leave($"volume {volume}: the label {Shown.Word(key)}", PropertyName.LabelForm);
        }

        return labels.Where(IsLabel).ToDictionary();
    }

    private static bool IsLabel(KeyValuePair<string, string> label) => PropertyName.IsKey(label.Key) && PropertyName.IsLabel(label.Value);

    private static bool IsRandom(string name) => name.Length == RandomLength && name.All(char.IsAsciiHexDigitLower);
}
