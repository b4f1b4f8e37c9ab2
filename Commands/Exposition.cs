using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using Kvol.Storage.Verbs;

namespace Kvol.Commands;

/// <summary>The figures of a store in the text format of Prometheus, version 0.0.4, for the textfile collector of node_exporter.</summary>
internal static class Exposition
{
    /// <summary>The whole text. A metric without a value is left out.</summary>
    public static string Of(StoreFigures figures)
    {
        var text = new StringBuilder();
        var store = ("store", figures.Root);
        Store("size_bytes", "Size of the store, in bytes: what it holds and what is free.", figures.Room.Size);
        Store("free_bytes", "Space that may still be written to the store, in bytes.", figures.Room.Free);
        Store("deleted_volumes", "Deleted volumes that are kept.", figures.Deleted?.Count ?? 0);
        Store("deleted_bytes", "Space that the kept deleted volumes take, in bytes.", figures.Deleted?.Bytes ?? 0);
        Volumes("used_bytes", "Space that the volume takes, in bytes.", v => v.Space?.Used);
        Volumes("referenced_bytes", "Space of the present content, shared or not, in bytes.", v => v.Space?.Referenced);
        Volumes("quota_bytes", "The most that the content may take, in bytes.", v => v.Space?.Quota);
        Volumes("available_bytes", "Space that may still be written to the volume, in bytes.", v => v.Space?.Available);
        Volumes("snapshots_bytes", "Space that destroying all snapshots would free, in bytes.", v => v.Space?.Snapshots);
        Volumes("mounts", "Places where the volume is mounted.", v => v.Mounts);
        Volumes("last_used_timestamp_seconds", "When the volume was last mounted or unmounted.", v => v.LastUsed?.ToUnixTimeSeconds());
        Family("kvol_volume_state", "1 for the state that the volume is in.", figures.Volumes.SelectMany(v => Monitoring.States,
            (v, state) => (Labels(store, ("volume", v.Name), ("state", state)), v.State == state ? 1L : 0)));
        return text.ToString();

        void Store(string name, string help, long value) => Family("kvol_store_" + name, help, [(Labels(store), value)]);

        void Volumes(string name, string help, Func<VolumeFigures, long?> value) => Family("kvol_volume_" + name, help,
            figures.Volumes.Where(v => value(v) is not null).Select(v => (Labels(store, ("volume", v.Name)), value(v)!.Value)));

        void Family(string name, string help, IEnumerable<(string Labels, long Value)> samples)
        {
            var head = $"# HELP {name} {help}\n# TYPE {name} gauge\n";
            foreach (var (labels, value) in samples)
            {
                text.Append(head).Append(name).Append(labels).Append(' ').Append(value.ToString(CultureInfo.InvariantCulture)).Append('\n');
                head = "";
            }
        }
    }

    /// <summary>Labels with their values escaped as the format wants it.</summary>
    public static string Labels(params (string Name, string Value)[] labels) =>
        $"{{{string.Join(',', labels.Select(l => $"{l.Name}=\"{Escaped(l.Value)}\""))}}}";

    // Any other character may stand in a value; what is no UTF-8 cannot be in a string.
    private static string Escaped(string value) => value.Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
}
