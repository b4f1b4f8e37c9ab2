using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Stores;
using Kvol.Storage.Values;

namespace Kvol.Storage.Verbs;

/// <summary>Compares an existing volume with what <c>create</c> was asked for.</summary>
internal static class ExistingVolume
{
    /// <summary>What of the requested settings the volume does not have, or cannot be compared with.</summary>
    public static NewVolume Unmet(IVolumeStore store, Volume there, NewVolume wanted)
    {
        var unmet = wanted with { Properties = [.. (wanted.Properties ?? []).Where(p => !Has(store, there.Name, p))] };
        if (wanted is { Uid: null, Gid: null, Mode: null })
        {
            return unmet;
        }

        using var top = store.OpenTop(there.Name);
        var status = Files.Status(top);
        return unmet with
        {
            Uid = wanted.Uid == status.Uid ? null : wanted.Uid,
            Gid = wanted.Gid == status.Gid ? null : wanted.Gid,
            Mode = wanted.Mode == (status.Mode & Permissions.AllBits) ? null : wanted.Mode,
        };
    }

    // Values are compared as ZFS has them: 1M is 1048576.
    private static bool Has(IVolumeStore store, VolumeName name, string assignment)
    {
        var (key, _) = KeyValue.Split(assignment);
        return PropertyName.Knows(key) && store.Properties(name, [PropertyName.Parse(key)]) is [{ Value: { } value }]
            && PropertyEncoding.Parse([assignment]).Values.SequenceEqual(PropertyEncoding.Parse([$"{key}={value}"]).Values);
    }

    /// <summary>What differs and which command sets it, without the name of the volume; null if the volume has everything that was asked
    /// for.</summary>
    public static string? Difference(Volume there, NewVolume wanted)
    {
        var settings = new List<string>();
        var others = new List<string>();
        foreach (var (key, value) in wanted.Labels ?? new Dictionary<string, string>())
        {
            if (!there.Labels.TryGetValue(key, out var have) || have != value)
            {
                settings.Add($"{PropertyName.OfLabel(key)}={value}");
            }
        }

        if (wanted.Quota is { } quota && there.Quota != quota)
        {
            settings.Add($"quota={Size.Exact(quota)}");
        }

        foreach (var property in wanted.Properties ?? [])
        {
            (PropertyName.Knows(KeyValue.Split(property).Key) ? settings : others).Add(property);
        }

        if (wanted.Uid is not null || wanted.Gid is not null)
        {
            others.Add("--owner (use chown)");
        }

        if (wanted.Mode is not null)
        {
            others.Add("--mode (use chmod)");
        }

        if (wanted.KeyFile is not null)
        {
            others.Add("--encrypt (only a new volume can be encrypted)");
        }

        return settings.Count + others.Count == 0 ? null
            : "already exists and was not changed"
                + (settings.Count > 0 ? $"; to set what was asked: kvol set {there.Name} {string.Join(' ', settings.Select(Shown.Quoted))}"
                    : "")
                + (others.Count > 0 ? $"; not applied: {string.Join(", ", others)}" : "");
    }
}
