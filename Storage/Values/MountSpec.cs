using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using Kvol.Native;

namespace Kvol.Storage.Values;

/// <summary>What to mount where, parsed once: <c>SOURCE:DEST[:OPT[,OPT]...]</c> or <c>key=value,...</c>.</summary>
internal sealed record MountSpec
{
    /// <summary>The volume, or null for a host mount.</summary>
    public VolumeName? Volume { get; init; }

    /// <summary>The snapshot of <see cref="Volume"/> that is mounted instead of the volume, or null.</summary>
    public SnapshotName? Snapshot { get; init; }

    /// <summary>The volume that is mounted itself; null for a snapshot of it too.</summary>
    public VolumeName? LiveVolume => Snapshot is null ? Volume : null;

    /// <summary>The absolute host path of a host mount, or null.</summary>
    public string? HostPath { get; init; }

    /// <summary>The file system that the mount makes, or null.</summary>
    public NewFileSystem? New { get; init; }

    /// <summary>Absolute below the root directory, without empty parts, <c>.</c> or <c>..</c>.</summary>
    public required string Destination { get; init; }

    /// <summary>The options that the mount itself carries.</summary>
    public MountFlags Flags { get; init; }

    public bool IsReadOnly => Flags.HasFlag(MountFlags.ReadOnly);

    public bool NoCopy { get; init; }

    /// <summary>Whether a missing volume is an error; null: as the configuration says.</summary>
    public bool? NoCreate { get; init; }

    /// <summary>The owner that the volume gets if this mount creates it, or null.</summary>
    public uint? Uid { get; init; }

    /// <summary>The group that it gets then, or null.</summary>
    public uint? Gid { get; init; }

    public bool Recursive { get; init; }

    public bool CreateSource { get; init; }

    /// <summary>A directory or file inside the volume that is mounted instead of its top, or null.</summary>
    public string? Subpath { get; init; }

    /// <summary>The absolute path of the user namespace as which the mount shows owners, or null.</summary>
    public string? IdMap { get; init; }

    /// <summary>What the mount table shows of <see cref="Flags"/> and <see cref="IdMap"/>.</summary>
    public MountFlags ShownFlags => (Flags & ~MountOptions.Unseen) | (IdMap is null ? MountFlags.None : MountFlags.IdMapped);

    /// <summary>The option that names <see cref="IdMap"/>.</summary>
    public const string IdMapOption = "idmap";

    /// <summary>How deep the destination lies; parents have less.</summary>
    public int Depth => Destination.AsSpan().Count('/');

    /// <summary>What kind of mount it is called.</summary>
    public string TypeText => New?.Type ?? (Volume is null ? Host.BindType : VolumeType);

    /// <summary>The type of a volume's mount.</summary>
    public const string VolumeType = "volume";

    /// <summary>What to call the source in messages.</summary>
    public string SourceText => Source + (Subpath is null ? "" : "/" + Subpath);

    /// <summary>The source, as it is written in a SPEC.</summary>
    public string Source => New?.Type ?? Snapshot?.ToString() ?? Volume?.Text ?? HostPath!;

    /// <summary>Its options, as they are written in a SPEC.</summary>
    public IEnumerable<string> Options()
    {
        foreach (var name in MountOptions.Of(Flags))
        {
            yield return name;
        }

        foreach (var (isGiven, name) in ((bool, string)[])[(NoCopy, "nocopy"), (NoCreate == true, "nocreate"),
            (NoCreate == false, "nocreate=false"), (Recursive, "recursive"), (CreateSource, "create-source")])
        {
            if (isGiven)
            {
                yield return name;
            }
        }

        if (Subpath is not null)
        {
            yield return "subpath=" + Subpath;
        }

        if (IdMap is not null)
        {
            yield return $"{IdMapOption}={IdMap}";
        }

        if (Uid is { } uid)
        {
            yield return "owner=" + TopText.OfOwner(uid, Gid);
        }

        foreach (var option in New?.Options() ?? [])
        {
            yield return option;
        }
    }

    /// <summary>A text that parses to the same: in the short form, or in the long one where only that can say it.</summary>
    public string Text
    {
        get
        {
            string source = Source, options = string.Join(',', Options());
            var text = $"{Escaped(source)}:{Escaped(Destination)}{(options.Length > 0 ? ":" + options : "")}";
            return New is not null ? $"type={TypeText},destination={Destination}{(options.Length > 0 ? "," + options : "")}"
                : source.EndsWith('\\') || Destination.EndsWith('\\')
                ? $"type={TypeText},source={source},destination={Destination}{(options.Length > 0 ? "," + options : "")}" : text;
        }
    }

    private static string Escaped(string path) => path.Replace(":", "\\:", StringComparison.Ordinal);

    /// <summary>Parses either form; every mistake has its own error (64, or 69 for what this system cannot do).</summary>
    public static MountSpec Parse(string text) => IsLong(text) ? ParseLong(text) : ParseShort(text);

    /// <summary>Whether a text, perhaps only its beginning, is the form <c>key=value,...</c>.</summary>
    public static bool IsLong(string text) =>
        !IsHostPath(text) && text.Split(',')[0] is var first && first.Contains('=', StringComparison.Ordinal)
        && !first.Contains(':', StringComparison.Ordinal);

    /// <summary>The keys of the long form and the types that it knows.</summary>
    public static readonly string[] LongKeys = ["type=", "source=", "destination=", "readonly"],
        Types = [VolumeType, "nullfs", "bind", .. NewFileSystem.Types];

    /// <summary>The path of a destination in the one form that kvol compares and records.</summary>
    public static string ParseDestination(string text, string spec)
    {
        if (!text.StartsWith('/'))
        {
            throw Wrong(spec, text.Length == 0 ? "the destination is missing"
                : "the destination must be absolute, as the jail sees it, for example /srv/www");
        }

        var parts = text.Split('/').Where(p => p.Length > 0 && p != ".").ToArray();
        return parts.Length == 0 ? throw Wrong(spec, "the destination must not be / itself")
            : parts.Contains("..") ? throw Wrong(spec, "'..' is not allowed in the destination")
            : "/" + string.Join('/', parts);
    }

    private static MountSpec ParseShort(string text)
    {
        var fields = SplitAtColons(text);
        if (fields.Count > 3 && SpecOptions.HasOwner(fields[2]))
        {
            fields = [fields[0], fields[1], string.Join(':', fields.Skip(2))];
        }

        if (fields.Count < 2)
        {
            throw Wrong(text, "a mount is SOURCE:DEST[:OPT,...]; the destination is missing");
        }

        if (fields.Count > 3)
        {
            throw Wrong(text, "a mount is SOURCE:DEST[:OPT,...]; too many colons (write \\: for one in a path)");
        }

        var options = new SpecOptions(text);
        foreach (var option in fields.Count == 3 ? fields[2].Split(',') : [])
        {
            var (name, value) = KeyValue.Split(option);
            options.Add(name, value);
        }

        return options.Build(fields[0], fields[1], null);
    }

    private static MountSpec ParseLong(string text)
    {
        string? type = null, source = null, destination = null;
        var options = new SpecOptions(text);
        foreach (var field in text.Split(','))
        {
            var (key, value) = KeyValue.Split(field);
            switch (key)
            {
                case "type":
                    Once(ref type, value, key, text);
                    break;
                case "source" or "src":
                    Once(ref source, value, key, text);
                    break;
                case "destination" or "dst" or "target":
                    Once(ref destination, value, key, text);
                    break;
                default:
                    options.Add(key is "readonly" ? "ro" : key is "volume-nocopy" ? "nocopy" : key is "volume-subpath" ? "subpath"
                        : key is "tmpfs-size" ? "size" : key is "tmpfs-mode" ? "mode" : key, value, key);
                    break;
            }
        }

        if (type is not null && !Types.Contains(type))
        {
            throw Wrong(text, $"unknown type '{type}'; known: {string.Join(' ', Types)}");
        }

        return options.Build(source ?? "", destination ?? "", type);
    }

    private static void Once(ref string? field, string? value, string key, string spec)
    {
        if (field is not null || string.IsNullOrEmpty(value))
        {
            throw Wrong(spec, field is not null ? $"'{key}' is given twice" : $"'{key}' needs a value");
        }

        field = value;
    }

    /// <summary>The fields of the short form, without the backslashes that keep colons in them.</summary>
    public static List<string> SplitAtColons(string text)
    {
        var fields = new List<string>();
        var field = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == ':')
            {
                fields.Add(field.ToString());
                field.Clear();
                continue;
            }

            i += text[i] == '\\' && i + 1 < text.Length && text[i + 1] == ':' ? 1 : 0;
            field.Append(text[i]);
        }

        fields.Add(field.ToString());
        return fields;
    }

    internal static KvolException Wrong(string spec, string reason, ExitStatus status = ExitStatus.Usage) =>
        new(status, new ByteString(spec.Length == 0 ? "''" : spec).ToString(), reason);

    /// <summary>Whether a source is a path of the host rather than a volume.</summary>
    public static bool IsHostPath(string source) =>
        source.StartsWith('/') || source.StartsWith("./", StringComparison.Ordinal) || source.StartsWith("../", StringComparison.Ordinal)
        || source is "." or "..";
}
