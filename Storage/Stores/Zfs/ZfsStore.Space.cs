using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>The space that a dataset uses, and its properties under kvol's names.</summary>
internal sealed partial class ZfsStore : IOwnProperties
{
    public SpaceUse Space(VolumeName name)
    {
        var dataset = Stats(name) ?? throw Refusals.NoSuchVolume(name);
        return new SpaceUse(
            Number("used"), null, Number("referenced"), Number("available"), Number("refquota") is > 0 and var quota ? quota
                : null, Number("usedbysnapshots"), SavedInPool());

        long Number(string property) => (long)(dataset.Number(property) ?? 0);
    }

    public StoreRoom Room()
    {
        var dataset = zfs.Find(root);
        var free = (long)(dataset?.Number("available") ?? 0);
        return new StoreRoom((long)(dataset?.Number("used") ?? 0) + free, free);
    }

    /// <summary>Bytes that block cloning saves in the whole pool (bclonesaved, zpoolprops(7)); null if the pool does not report
    /// it.</summary>
    private long? SavedInPool() =>
        ZfsErrors.Reading(root.Pool, () => (long?)zfs.Device.PoolProperties(root.Pool).Number("bclonesaved", "value"));

    public IReadOnlyList<PropertyValue> Properties(VolumeName name, IReadOnlyList<PropertyName> names)
    {
        var dataset = Stats(name) ?? throw Refusals.NoSuchVolume(name);
        var wanted = names.Count > 0 ? names : [.. PropertyName.All, .. ZfsVolume.Labels(dataset).Keys.Select(PropertyName.OfLabel)];
        return [.. wanted.Select(n =>
            new PropertyValue(n.Text, n.IsPolicy ? dataset.Local(ZfsVolume.PolicyProperty)
                : n.Label is { } key ? dataset.Own(ZfsVolume.LabelPrefix + key) : DatasetProperty.Text(dataset, n)))];
    }

    public IReadOnlyList<PropertyValue> OwnProperties(VolumeName name)
    {
        var dataset = Stats(name) ?? throw Refusals.NoSuchVolume(name);
        return [.. PropertyName.All.Where(n => !n.HasKeyOfItsOwn && dataset.SourceOf(DatasetProperty.NameOf(n)) == dataset.Name)
            .Select(n => new PropertyValue(n.Text, DatasetProperty.Text(dataset, n)))];
    }

    public void SetProperties(VolumeName name, IReadOnlyList<(PropertyName Name, string Value)> values, Func<bool> isInUse)
    {
        var (dataset, chosen, removed) = RequireSettable(name, values);
        Change(dataset, chosen, removed);
        if (chosen.ContainsKey("atime") || chosen.ContainsKey("readonly"))
        {
            RenewMount(name, isInUse);
        }
    }

    /// <summary>The dataset of a volume, the properties to set and those to remove, after checking them.</summary>
    private (DatasetStats Dataset, SortedDictionary<string, object> Chosen, IReadOnlyList<string> Removed) RequireSettable(VolumeName name,
        IReadOnlyList<(PropertyName Name, string Value)> values)
    {
        var dataset = Stats(name) ?? throw Refusals.NoSuchVolume(name);
        if (values.GroupBy(v => v.Name.Text).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            throw new KvolException(ExitStatus.Usage, twice.Key, "is given twice");
        }

        var chosen = PropertyEncoding.Parse([.. values.Where(v => v.Name.Label is null && !v.Name.IsPolicy)
            .Select(v => $"{DatasetProperty.NameOf(v.Name)}={v.Value}")], "");
        RefuseTooSmall(name, dataset, chosen);
        var texts = values.Where(v => v.Name.Label is not null || v.Name.IsPolicy).ToLookup(v => v.Value.Length > 0, v =>
            (Name: v.Name.IsPolicy ? ZfsVolume.PolicyProperty : ZfsVolume.LabelPrefix + v.Name.Label, v.Value));
        foreach (var (text, value) in texts[true])
        {
            chosen[text] = value;
        }

        return (dataset, chosen, [.. texts[false].Select(t => t.Name).Where(t => dataset.Own(t) is not null)]);
    }

    private static void RefuseTooSmall(VolumeName name, DatasetStats dataset, SortedDictionary<string, object> chosen)
    {
        if (chosen.GetValueOrDefault("refquota") is ulong and > 0 and var quota && dataset.Number("referenced") is { } used && used > quota)
        {
            throw new KvolException(ExitStatus.Usage, $"quota={Size.Text(quota)}",
                $"is less than the {Size.Text(used)} that {name} holds ({used} bytes); remove something first");
        }

        if (chosen.GetValueOrDefault("reservation") is ulong and > 0 and var reservation && (dataset.Number("used") ?? 0) is var taken
            && reservation > taken && reservation - taken > (dataset.Number("available") ?? ulong.MaxValue))
        {
            throw new KvolException(
                ExitStatus.CannotCreate, $"reservation={Size.Text(reservation)}",
                    $"is more than there is: {name} takes {Size.Text(taken)}, and {Size.Text(dataset.Number("available") ?? 0)} are free");
        }
    }

    /// <summary>The kernel sets properties one by one and, when it refuses one, keeps those before it: kvol sets these back.</summary>
    private void Change(DatasetStats dataset, SortedDictionary<string, object> chosen, IReadOnlyList<string> removed)
    {
        try
        {
            if (chosen.Count > 0)
            {
                using var list = ZfsSystem.NewList();
                PropertyEncoding.Add(list, chosen);
                zfs.Device.SetProperties(dataset.Name, list);
            }

            foreach (var property in removed)
            {
                zfs.Device.Inherit(dataset.Name, property);
            }
        }
        catch (NativeException e)
        {
            foreach (var property in chosen.Keys.Concat(removed))
            {
                SetBack(dataset, property);
            }

            throw e.Failure is Failure.Invalid or Failure.NotSupported or Failure.Range or Failure.Other
                ? new KvolException(ExitStatus.Usage, string.Join(' ', chosen.Keys),
                    $"ZFS refuses a value: {e.Reason}; nothing was changed")
                : ZfsErrors.Other(dataset.Name, e);
        }
    }

    private void SetBack(DatasetStats dataset, string property)
    {
        ZfsErrors.Changing(dataset.Name, () =>
        {
            using var list = ZfsSystem.NewList();
            if (dataset.SourceOf(property) == dataset.Name && dataset.Number(property) is { } number)
            {
                list.Add(property, number);
                zfs.Device.SetProperties(dataset.Name, list);
            }
            else if (dataset.Own(property) is { } text && (property != ZfsVolume.PolicyProperty || dataset.Local(property) is not null))
            {
                list.Add(property, text);
                zfs.Device.SetProperties(dataset.Name, list);
            }
            else if (DatasetProperty.IsInheritable(property))
            {
                zfs.Device.Inherit(dataset.Name, property);
            }
            else
            {
                list.Add(property, 0UL);
                zfs.Device.SetProperties(dataset.Name, list);
            }
        });
    }

    /// <summary>A mount keeps the options with which it was made.</summary>
    private void RenewMount(VolumeName name, Func<bool> isInUse)
    {
        var dataset = Stats(name)!;
        if (KernelMounts.DatasetsKnowTheirOptions || mounts.HomeOf(dataset) is null)
        {
            return;
        }

        if (isInUse())
        {
            warn($"{name}: is mounted; what is mounted now keeps its options until it is mounted again");
            return;
        }

        try
        {
            mounts.Unmount(dataset);
            mounts.MountIfMeant(dataset);
        }
        catch (KvolException e) when (e.Status == ExitStatus.Busy)
        {
            warn($"{e.Message}; it keeps its mount options until it is mounted again");
        }
    }
}
