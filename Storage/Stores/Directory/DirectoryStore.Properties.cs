using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Trees;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>A volume's space and properties in a directory store: labels, and a quota if the file system has project quotas.</summary>
internal sealed partial class DirectoryStore
{
    private const string QuotaName = "quota";

    public StoreRoom Room() => new(Native.Space.Size(volumes), Native.Space.Available(volumes));

    public SpaceUse Space(VolumeName name)
    {
        using var data = OpenTop(name);
        var (allocated, apparent) = TreeSize.Of(data, name.Text);
        return new SpaceUse(allocated, apparent, null, Native.Space.Available(data), (long?)QuotaOf(data), null, null);
    }

    public IReadOnlyList<PropertyValue> Properties(VolumeName name, IReadOnlyList<PropertyName> names)
    {
        using var volume = Files.OpenDirectory(volumes, name.Bytes);
        var file = VolumeFile.Read(volume, name);
        var labels = file.Labels;
        using var data = Files.OpenDirectory(volume, Data);
        var quota = QuotaOf(data)?.ToString(CultureInfo.InvariantCulture) ?? (ProjectQuota.IsEnforced(data) ? "none" : null);
        return names.Count == 0
            ? [.. new PropertyValue[] { new(QuotaName, quota), new(PropertyName.Policy, file.Policy) }.Where(v => v.Value is not null),
                .. labels.OrderBy(l => l.Key, StringComparer.Ordinal)
                    .Select(l => new PropertyValue(PropertyName.OfLabel(l.Key).Text, l.Value))]
            : [.. names.Select(n => new PropertyValue(n.Text, n.Label is { } key ? labels.GetValueOrDefault(key)
                : n.IsPolicy ? file.Policy : n.Text == QuotaName ? quota : null))];
    }

    /// <summary>The quota among the values, and the policy afterwards, after checking all values.</summary>
    private (bool HasQuota, ulong? Quota, string Policy) RequireSettable(VolumeFile before,
        IReadOnlyList<(PropertyName Name, string Value)> values)
    {
        if (values.FirstOrDefault(v => v.Name.Label is null && !v.Name.IsPolicy && v.Name.Text != QuotaName).Name is { } other)
        {
            throw new KvolException(ExitStatus.Unavailable, other.Text,
                "a directory store has no datasets, so no such property; keep the volume in a ZFS store");
        }

        if (values.GroupBy(v => v.Name.Text).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            throw new KvolException(ExitStatus.Usage, twice.Key, "is given twice");
        }

        var policy = values.FirstOrDefault(v => v.Name.IsPolicy) is { Name: not null } set ? set.Value : before.Policy ?? "";
        if (policy != before.Policy)
        {
            Refusals.RequirePolicy(policy, () => CannotSnapshot);
        }

        var quota = values.FirstOrDefault(v => v.Name.Text == QuotaName).Value;
        return (quota is not null, Size.Parse("quota", quota) is > 0 and var size ? size : null, policy);
    }

    public void SetProperties(VolumeName name, IReadOnlyList<(PropertyName Name, string Value)> values, Func<bool> isInUse)
    {
        using var volume = Files.OpenDirectory(volumes, name.Bytes);
        using var data = Files.OpenDirectory(volume, Data);
        var before = VolumeFile.Read(volume, name);
        var (hasQuota, quota, policy) = RequireSettable(before, values);
        var labels = new SortedDictionary<string, string>(before.Labels.ToDictionary(), StringComparer.Ordinal);
        foreach (var (property, value) in values.Where(v => v.Name.Label is not null))
        {
            if (value.Length == 0)
            {
                labels.Remove(property.Label!);
            }
            else
            {
                labels[property.Label!] = value;
            }
        }

        if (values.Count > (hasQuota ? 1 : 0))
        {
            (before with { Labels = labels, Policy = policy.Length > 0 ? policy : null }).Write(volume);
        }

        try
        {
            if (hasQuota)
            {
                SetQuota(name, data, quota);
            }
        }
        catch
        {
            before.Write(volume); // all or none
            throw;
        }
    }
}
