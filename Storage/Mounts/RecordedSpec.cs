using System.Linq;
using Kvol.Native;
using Kvol.Storage.Values;

namespace Kvol.Storage.Mounts;

/// <summary>The SPEC that makes a mount again.</summary>
internal static class RecordedSpec
{
    /// <summary>The SPEC of a mount that has a record; null if it shows the volume of another store, or cannot be made again.</summary>
    public static MountSpec? Of(KvolMount mount)
    {
        if (mount.Record is not { } record || (record.IsVolume && mount.Volume is null))
        {
            return null;
        }

        var options = record.Options ?? [.. MountOptions.Of(mount.Entry.Flags),
            .. record.Recursive ? (string[])["recursive"] : []];
        try
        {
            var built = new SpecOptions(record.Destination);
            foreach (var (name, value) in options.Select(KeyValue.Split))
            {
                built.Add(name, value);
            }

            return built.Build(mount.Snapshot?.ToString() ?? mount.Volume?.Text ?? record.Source, record.Destination,
                record.IsVolume || mount.IsNewFileSystem ? record.Type : Host.BindType);
        }
        catch (KvolException)
        {
            return null; // the record was edited by hand
        }
    }
}
