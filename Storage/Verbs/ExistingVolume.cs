using System.Collections.Generic;
using System.Linq;
using Kvol.Storage.Values;

namespace Kvol.Storage.Verbs;

/// <summary>Compares an existing volume with what <c>create</c> was asked for.</summary>
internal static class ExistingVolume
{
    /// <summary>One line that says what differs and which command sets it; null if the volume has everything that was asked for.</summary>
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
            : $"{there.Name}: already exists and was not changed"
                + (settings.Count > 0 ? $"; to set what was asked: kvol set {there.Name} {string.Join(' ', settings.Select(Shown.Quoted))}"
                    : "")
                + (others.Count > 0 ? $"; not applied: {string.Join(", ", others)}" : "");
    }
}
