using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Stores;
using Kvol.Storage.Values;

namespace Kvol.Storage.Verbs;

/// <summary>Compares volumes with what a file says of them. Changes nothing.</summary>
/// <param name="store">The store; null if there is none yet.</param>
/// <param name="volumes">The volumes in it, by name.</param>
internal sealed class VolumePlan(IVolumeStore? store, IReadOnlyDictionary<VolumeName, Volume> volumes)
{
    private const string KeepLabel = "keep", OnlyNew = "kvol sets it only when it creates the volume";

    /// <summary>The differences of one volume.</summary>
    public IReadOnlyList<PlanStep> Of(DeclaredVolume wanted)
    {
        var there = volumes.GetValueOrDefault(wanted.Name) ?? store?.Find(wanted.Name); // a damaged one is an error here
        var steps = new List<PlanStep>();
        if (there is null)
        {
            steps.Add(new PlanStep(PlanAction.Create, wanted.Name));
        }

        foreach (var (key, value) in LabelsOf(wanted, there))
        {
            var have = there?.Labels.GetValueOrDefault(key);
            if (have != value)
            {
                steps.Add(Set(PropertyName.OfLabel(key).Text, have, value, there is null || value is not "" ? null
                    : "an existing volume cannot get an empty label; give it a text"));
            }
        }

        if (wanted.Quota is { } quota && (there?.Quota ?? 0) is var limit && limit != quota && limit != InWholeKibibytes(quota))
        {
            steps.Add(Set(PropertyName.Quota, Bytes(limit), Bytes(quota)));
        }

        if (wanted.Policy is { } policy && policy != (Normal(there?.Policy) ?? ""))
        {
            steps.Add(Set(PropertyName.Policy, there?.Policy, policy.Length > 0 ? policy : null));
        }

        steps.AddRange(PropertiesOf(wanted, there));
        steps.AddRange(TopOf(wanted, there));
        if (wanted.Anonymous is { } anonymous && anonymous != (there?.Anonymous ?? false))
        {
            steps.Add(Set("anonymous", there is null ? null : "false", "true", there is null ? null
                : OnlyNew));
        }

        return steps;

        PlanStep Set(string property, string? from, string? to, string? obstacle = null) =>
            new(PlanAction.Set, wanted.Name, property, from, to, Obstacle: obstacle);
    }

    /// <summary>Throws an error (65, or 69) for properties that no volume of this store could have.</summary>
    public static void Check(DeclaredVolume wanted, string root)
    {
        if (wanted.Properties.Count == 0)
        {
            return;
        }

        if (root.StartsWith('/'))
        {
            throw new KvolException(ExitStatus.Unavailable, wanted.Name.Text,
                $"a directory store has no datasets, so no property {wanted.Properties[0].Name}; keep the volume in a ZFS store");
        }

        try
        {
            _ = Encoded(wanted.Properties);
        }
        catch (KvolException e) when (e.Status == ExitStatus.Usage)
        {
            throw new KvolException(ExitStatus.Damaged, wanted.Name.Text, e.Message);
        }
    }

    /// <summary>The labels that a volume should have; null for a label that it must not have.</summary>
    public static IReadOnlyDictionary<string, string?> LabelsOf(DeclaredVolume wanted, Volume? there)
    {
        if (wanted.Keep is not { } keep || wanted.Labels.ContainsKey(KeepLabel) || (keep && there?.Labels.ContainsKey(KeepLabel) == true))
        {
            return wanted.Labels;
        }

        return new SortedDictionary<string, string?>(wanted.Labels.ToDictionary(), StringComparer.Ordinal)
        {
            [KeepLabel] = keep ? "true" : null,
        };
    }

    private IEnumerable<PlanStep> PropertiesOf(DeclaredVolume wanted, Volume? there)
    {
        if (wanted.Properties.Count == 0)
        {
            yield break;
        }

        var have = there is null ? [] : store!.Properties(wanted.Name, [.. wanted.Properties.Select(p => PropertyName.Parse(p.Name))]);
        var (left, right) = (Encoded(have), Encoded(wanted.Properties));
        foreach (var property in wanted.Properties)
        {
            if (!Equals(left.GetValueOrDefault(property.Name), right[property.Name]))
            {
                yield return new PlanStep(PlanAction.Set, wanted.Name, property.Name,
                    have.FirstOrDefault(h => h.Name == property.Name)?.Value, property.Value);
            }
        }
    }

    // What a first mount or an administrator gave the top directory is never set again.
    private static IEnumerable<PlanStep> TopOf(DeclaredVolume wanted, Volume? there)
    {
        var top = there is null || (wanted.Uid ?? wanted.Gid ?? wanted.Mode) is null ? null : TopStatus(there);
        if (there is not null && top is null)
        {
            yield break; // a dataset that is not mounted
        }

        var place = there?.Mountpoint is { } path ? Shown.Quoted(path) : "";
        if (wanted.Uid is { } uid && (top?.Uid != uid || (wanted.Gid is { } group && top?.Gid != group)))
        {
            var owner = Owner(uid, wanted.Gid);
            yield return new PlanStep(PlanAction.Set, wanted.Name, "owner", top is { } t ? Owner(t.Uid, t.Gid) : null, owner,
                Obstacle: there is null ? null : $"{OnlyNew}; to change it: chown {owner} {place}");
        }

        if (wanted.Mode is { } mode && top?.Mode != mode)
        {
            yield return new PlanStep(PlanAction.Set, wanted.Name, "mode", top is { } t ? TopText.OfMode(t.Mode) : null,
                TopText.OfMode(mode), Obstacle: there is null ? null : $"{OnlyNew}; to change it: chmod {TopText.OfMode(mode)} {place}");
        }
    }

    /// <summary>The status of a volume's top directory; null while its dataset is not mounted, and if it is gone.</summary>
    public static FileStatus? TopStatus(Volume volume)
    {
        try
        {
            return volume is { Mounted: true, Mountpoint: { } path } ? Files.Status(Files.Here, new ByteString(path)) : null;
        }
        catch (NativeException e) when (e.Failure is Failure.NotFound or Failure.NotDirectory)
        {
            return null;
        }
    }

    /// <summary>An owner as it is written.</summary>
    public static string Owner(uint uid, uint? gid) =>
        string.Create(CultureInfo.InvariantCulture, $"{uid}") + (gid is { } g ? string.Create(CultureInfo.InvariantCulture, $":{g}") : "");

    private static SortedDictionary<string, object> Encoded(IEnumerable<PropertyValue> values) =>
        PropertyEncoding.Parse([.. values.Where(v => v.Value is not null).Select(v => $"{v.Name}={v.Value}")], "");

    private static string? Normal(string? policy) => policy is null ? null : SnapshotPolicy.TryParse(policy, out _)?.ToString() ?? policy;

    private static string? Bytes(ulong bytes) => bytes == 0 ? null : Size.Exact(bytes);

    // Project quotas count these.
    private static ulong InWholeKibibytes(ulong bytes) => bytes > ulong.MaxValue - 1023 ? bytes : (bytes + 1023) / 1024 * 1024;
}
