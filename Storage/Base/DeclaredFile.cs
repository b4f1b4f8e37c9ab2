using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Storage.Values;

namespace Kvol.Storage.Base;

/// <summary>Parses the file of <c>kvol apply</c>: JSON with the names that <c>inspect</c> and <c>mounts --json</c> print. Every mistake is
/// an error (65) that names the file and the line; one thing that this system cannot do is an error (69).</summary>
internal sealed class DeclaredFile
{
    private const int MostEntries = 100_000;

    private static readonly string[] VolumeKeys =
        ["name", "anonymous", "labels", "keep", "quota", "snapshots", "owner", "mode", "properties"];

    private readonly JsonTokens json;
    private readonly Dictionary<VolumeName, DeclaredVolume> volumes = [];
    private readonly List<DeclaredRoot> roots = [];
    private readonly HashSet<(string Path, string? Jail)> places = [];
    private readonly Dictionary<(string Path, string Destination), MountSpec> destinations = [];

    private DeclaredFile(ReadOnlyMemory<byte> text, string file) => json = new JsonTokens(text, file);

    /// <summary>Whether a text is of this form, and not a list of SPECs, which never begins with a brace.</summary>
    public static bool IsMeant(ReadOnlySpan<byte> text) => text.TrimStart(" \t\r\n"u8) is [(byte)'{', ..];

    /// <summary>Parses a whole file.</summary>
    public static DeclaredHost Parse(ReadOnlyMemory<byte> text, string file)
    {
        var parser = new DeclaredFile(text, file);
        parser.Read();
        return new DeclaredHost([.. parser.volumes.Values], parser.roots);
    }

    private void Read()
    {
        var isVersioned = false;
        json.Document("the file", ["version", "volumes", "roots"], key =>
        {
            switch (key)
            {
                case "version":
                    isVersioned = json.Number(key) is DeclaredHost.Version ? true
                        : throw json.Wrong($"this version of kvol reads files of version {DeclaredHost.Version} only");
                    break;
                case "volumes":
                    json.Array(key, Volume);
                    break;
                default:
                    json.Array(key, Root);
                    break;
            }
        });
        if (!isVersioned)
        {
            throw json.Wrong($"the version is missing; add \"version\": {DeclaredHost.Version}");
        }
    }

    private void Volume()
    {
        var line = json.Line;
        VolumeName? name = null;
        bool? anonymous = null, keep = null;
        ulong? quota = null;
        string? policy = null;
        (uint? Uid, uint? Gid) owner = default;
        uint? mode = null;
        var labels = new SortedDictionary<string, string?>(StringComparer.Ordinal);
        var properties = new SortedDictionary<string, string>(StringComparer.Ordinal);
        json.Object("a volume", VolumeKeys, key =>
        {
            switch (key)
            {
                case "name":
                    name = Checked(() => VolumeName.Parse(json.Text(key)));
                    break;
                case "anonymous":
                    anonymous = json.Boolean(key);
                    break;
                case "keep":
                    keep = json.Boolean(key);
                    break;
                case "quota":
                    quota = json.IsText ? Checked(() => Size.Parse(key, json.Text(key))) ?? 0 : json.IsNull ? 0 : json.Number(key);
                    break;
                case "snapshots":
                    policy = json.IsNull ? "" : Checked(() => SnapshotPolicy.ParseValue(json.Text(key)));
                    break;
                case "owner":
                    owner = TopText.ParseOwner(json.Text(key)) ?? throw json.Wrong(TopText.WrongOwner);
                    break;
                case "mode":
                    mode = TopText.ParseMode(json.Text(key)) ?? throw json.Wrong(TopText.WrongMode);
                    break;
                case "labels":
                    json.Members(key, label => labels[label] = Label(label));
                    break;
                default:
                    json.Members(key, property => properties[property] = Property(property));
                    break;
            }
        });
        if (name is null)
        {
            throw json.WrongAt(line, "a volume has no name");
        }

        if (keep is not null && labels.TryGetValue("keep", out var label) && keep != label is not null)
        {
            throw json.WrongAt(line, $"volume {name}: 'keep' and the label 'keep' contradict each other");
        }

        Count(volumes.Count);
        if (!volumes.TryAdd(name, new DeclaredVolume(name)
        {
            Anonymous = anonymous,
            Keep = keep,
            Labels = labels,
            Quota = quota,
            Policy = policy,
            Uid = owner.Uid,
            Gid = owner.Gid,
            Mode = mode,
            Properties = [.. properties.Select(p => new PropertyValue(p.Key, p.Value))],
        }))
        {
            throw json.WrongAt(line, $"volume {name} is given twice");
        }
    }

    private string? Label(string key)
    {
        var value = json.TextOrNull("a label");
        return PropertyName.IsKey(key) && PropertyName.IsLabel(value ?? "") ? value
            : throw json.Wrong($"label {Shown.Word(key)}: {PropertyName.LabelForm}");
    }

    private string Property(string key) =>
        Array.Exists(PropertyName.All, p => p.Text == key && !p.HasKeyOfItsOwn) ? json.Text(key)
            : throw json.Wrong($"{Shown.Word(key)} is not a property; known: "
                + string.Join(' ', PropertyName.All.Where(p => !p.HasKeyOfItsOwn)));

    private void Root()
    {
        var line = json.Line;
        string? path = null, jail = null;
        List<(MountSpec Spec, int Line)> mounts = [];
        json.Object("a root", ["rootdir", "jail", "mounts"], key =>
        {
            switch (key)
            {
                case "rootdir":
                    path = AbsolutePath(json.Text(key), "the root directory");
                    break;
                case "jail":
                    jail = json.IsNull ? null : Checked(() => JailName.Parse(json.Text(key)));
                    break;
                default:
                    json.Array(key, () => mounts.Add((Mount(), json.Line)));
                    break;
            }
        });
        if (path is null)
        {
            throw json.WrongAt(line, "a root has no rootdir");
        }

        Count(Math.Max(roots.Count, destinations.Count + mounts.Count));
        if (!places.Add((path, jail)))
        {
            throw json.WrongAt(line, $"{Shown.Word(path)}{(jail is null ? "" : $" for jail {jail}")} is given twice");
        }

        var own = new HashSet<string>();
        foreach (var (spec, at) in mounts)
        {
            // Two jails may share one mount.
            if (!own.Add(spec.Destination) || (destinations.TryGetValue((path, spec.Destination), out var other) && other != spec))
            {
                throw json.WrongAt(at, $"{Shown.Word(spec.Destination)} is the destination of two mounts in {Shown.Word(path)}");
            }

            destinations[(path, spec.Destination)] = spec;
        }

        roots.Add(new DeclaredRoot(path, jail, [.. mounts.Select(m => m.Spec)]));
    }

    private MountSpec Mount()
    {
        var spec = json.IsText ? Checked(() => MountSpec.Parse(AbsoluteSource(json.Text("a SPEC")))) : MountObject();
        // An attachment remembers the text, and 'kvol attach' must take it.
        return Checked(() => MountSpec.Parse(spec.Text)) == spec ? spec
            : throw json.Wrong($"{Shown.Word(spec.Text)} cannot be written as a SPEC, because of a comma in it");
    }

    private MountSpec MountObject()
    {
        var line = json.Line;
        string source = "", destination = "";
        string? type = null;
        var options = new List<(string Name, string? Value)>();
        json.Object("a mount", ["type", "source", "destination", "read_only", "options"], key =>
        {
            switch (key)
            {
                case "type":
                    type = json.Text(key);
                    break;
                case "source":
                    source = json.Text(key);
                    break;
                case "destination":
                    destination = json.Text(key);
                    break;
                case "read_only":
                    options.Add(("ro", json.Boolean(key) ? null : "false"));
                    break;
                default:
                    json.Array(key, () => options.Add(KeyValue.Split(json.Text("an option"))));
                    break;
            }
        });
        return Checked(
            () =>
            {
                AbsoluteSource(source);
                var built = new SpecOptions(destination);
                options.ForEach(o => built.Add(o.Name, o.Value));
                return built.Build(source, destination,
                    type is null || MountSpec.Types.Contains(type) ? type
                        : throw MountSpec.Wrong(type, $"is not one of {string.Join(' ', MountSpec.Types)}"));
            },
            line);
    }

    // Wherever the file is read, it has to mean the same.
    private static string AbsoluteSource(string source) => !MountSpec.IsHostPath(source) || source.StartsWith('/') ? source
        : throw MountSpec.Wrong(source, "the source must be an absolute path");

    private string AbsolutePath(string path, string what) =>
        path.StartsWith('/') && !path.Contains('\uFFFD', StringComparison.Ordinal)
            ? HostPath.Absolute(path) is { Length: > 1 } whole ? whole.TrimEnd('/') : "/"
            : throw json.Wrong($"{what} must be an absolute path in UTF-8");

    private void Count(int entries)
    {
        if (entries >= MostEntries)
        {
            throw json.Wrong($"has more than {MostEntries} entries");
        }
    }

    // A mistake in a value, which on the command line would be one of usage.
    private T Checked<T>(Func<T> parse, int? line = null)
    {
        try
        {
            return parse();
        }
        catch (KvolException e) when (e.Status is ExitStatus.Usage or ExitStatus.Unavailable)
        {
            throw json.WrongAt(line ?? json.Line, e.Message, e.Status == ExitStatus.Usage ? ExitStatus.Damaged : e.Status);
        }
    }
}
