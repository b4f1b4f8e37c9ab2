using System;
using System.Linq;
using Kvol.Storage.Values;
using Kvol.Storage.Verbs;

namespace Kvol.Commands;

/// <summary>Completions for a SPEC, in either form.</summary>
internal sealed class SpecCompletion(KnownNames names)
{
    /// <summary>Completions for a partly typed SPEC.</summary>
    public Choices Of(string text)
    {
        if (MountSpec.IsLong(text))
        {
            return Long(text);
        }

        var fields = MountSpec.SplitAtColons(text);
        return fields.Count switch
        {
            1 when text.Contains('/', StringComparison.Ordinal) || text.StartsWith('.') => Choices.None with { Paths = Paths.Files },
            1 when SnapshotName.IsMeant(text) => Choices.Of(names.Snapshots(text.Split('@')[0]).Select(s => s + ":")),
            1 => Choices.Of(names.Volumes().Where(v => v.StartsWith(text, StringComparison.Ordinal)).Select(v => v + ":")) is
            { Words.Count: > 0 } volumes ? volumes : Choices.Of(MountSpec.LongKeys),
            3 => Completion.List(SpecOptions.Of(TypeOf(fields[0])),
                text[..(text.LastIndexOf(':') + 1)], fields[2]),
            _ => Choices.None,
        };
    }

    private static string TypeOf(string source) => MountSpec.IsHostPath(source) ? SpecOptions.HostMount
        : SnapshotName.IsMeant(source) ? SpecOptions.SnapshotMount : MountSpec.VolumeType;

    private Choices Long(string text)
    {
        var fields = text.Split(',');
        var begin = text[..(text.LastIndexOf(',') + 1)];
        if (KeyValue.Split(fields[^1]) is (var key, { } value))
        {
            begin += key + "=";
            return key switch
            {
                "type" => Choices.Of(MountSpec.Types, begin),
                "source" or "src" when MountSpec.IsHostPath(value) => Choices.None with { Paths = Paths.Files, Head = begin },
                "source" or "src" when SnapshotName.IsMeant(value) => Choices.Of(names.Snapshots(value.Split('@')[0]), begin),
                MountSpec.IdMapOption => Choices.None with { Paths = Paths.Files, Head = begin },
                "source" or "src" => Choices.Of(names.Volumes(), begin),
                "ro" or "rw" or "readonly" or "nocopy" => Choices.Of(["true", "false"], begin),
                _ => Choices.None,
            };
        }

        var type = Array.Find(fields, f => f.StartsWith("type=", StringComparison.Ordinal))?[5..];
        var source = fields.Select(KeyValue.Split).Where(f => f.Key is "source" or "src").Select(f => f.Value ?? "").FirstOrDefault("");
        var made = NewFileSystem.Types.Contains(type);
        var options = SpecOptions.Of(made ? type! : type is "nullfs" or "bind" ? SpecOptions.HostMount : TypeOf(source));
        var given = fields.SkipLast(1).Select(f => KeyValue.Split(f).Key).ToHashSet();
        return Choices.Of(MountSpec.LongKeys.Where(k => !made || k != "source=").Concat(options)
            .Where(k => !given.Contains(k.TrimEnd('='))), begin);
    }
}
