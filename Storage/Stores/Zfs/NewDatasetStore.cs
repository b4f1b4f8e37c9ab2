using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>Announces new volumes of a ZFS store that a dry run announces too.</summary>
internal sealed class NewDatasetStore(Configuration configuration, Upkeep upkeep) : INewStoreSteps
{
    private readonly DatasetName volumes = DatasetName.Parse(configuration.Root).Child("volumes");
    private readonly Lazy<string?> place = new(() => StoreDataset.PlaceOfNew(configuration, upkeep));

    public string ContentOf(VolumeName name) => $"{place.Value ?? "/" + volumes}/{name}";

    public Volume Describe(VolumeName name, NewVolume wanted) => Describe(name, wanted, volumes.Child(name.Text), ContentOf(name));

    public void PlanCreate(Plan plan, VolumeName name, NewVolume wanted) => Create(plan, volumes.Child(name.Text), ContentOf(name), wanted);

    public bool TryPlanAdoption(Plan plan, VolumeName name, HostTree tree, NewVolume wanted, Action requireUnheld) => false;

    public (string? Place, string? Mountpoint) PlanAdoption(Plan plan, VolumeName name, DatasetName dataset, NewVolume wanted)
    {
        plan.Do("zfs", "rename", dataset.Text, volumes.Child(name.Text).Text);
        return (null, null);
    }

    /// <summary>The volume that <see cref="Create"/> announces.</summary>
    public static Volume Describe(VolumeName name, NewVolume wanted, DatasetName dataset, string content) => new(
        name, "zfs", dataset.Text, content, DateTimeOffset.UtcNow, wanted.Anonymous, wanted.Labels ?? new Dictionary<string, string>(),
        VolumeState.Empty, null, wanted.Quota, Takes: wanted.IsMountedNow ? null : TopPartsText.LeftBy(wanted));

    /// <summary>Announces the dataset of a new volume, and the owner and mode of its top directory.</summary>
    public static void Create(Plan plan, DatasetName dataset, string content, NewVolume wanted)
    {
        var properties = PropertyEncoding.Parse(wanted.Properties ?? []);
        IEnumerable<string> options = [
            .. ZfsVolume.PropertiesOf(wanted).Concat(ZfsVolume.TakesOf(wanted)).Select(p => $"{p.Name}={p.Value}"),
            .. (wanted.Properties ?? []).Where(p => wanted.Quota is null || KeyValue.Split(p).Key != "refquota"),
            .. wanted.Quota is { } quota ? (string[])[$"refquota={quota}"] : [],
            .. wanted.KeyFile is { } file ? ZfsVolume.EncryptionOf(HostPath.Absolute(file)) : [],
        ];
        plan.Do(["zfs", "create", .. options.SelectMany(o => (string[])["-o", o]), dataset.Text]);
        if (wanted.Uid is not null || wanted.Gid is not null)
        {
            plan.Do("chown", $"{wanted.Uid ?? 0}:{wanted.Gid ?? 0}", properties.GetValueOrDefault("mountpoint") as string ?? content);
        }

        if (wanted.Mode is { } mode)
        {
            plan.Do("chmod", Convert.ToString(mode, 8).PadLeft(4, '0'), properties.GetValueOrDefault("mountpoint") as string ?? content);
        }
    }
}
