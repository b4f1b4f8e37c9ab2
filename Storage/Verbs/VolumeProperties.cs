using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Storage.Base;
using Kvol.Storage.Mounts;
using Kvol.Storage.Stores;
using Kvol.Storage.Values;

namespace Kvol.Storage.Verbs;

/// <summary><c>kvol get</c>, <c>set</c> and <c>df</c>.</summary>
internal static class VolumeProperties
{
    public static IReadOnlyList<PropertyValue> Get(Context context, VolumeName name, IReadOnlyList<PropertyName> names) =>
        OpenedVolume.Look(context, name, (store, volume) =>
        {
            var own = store.Properties(name, names);
            return Policies.TextOf(context.Configuration, volume) is not { } policy ? own
                : names.Count == 0 && own.All(v => v.Name != PropertyName.Policy) ? [new PropertyValue(PropertyName.Policy, policy), .. own]
                : [.. own.Select(v => v.Name == PropertyName.Policy ? v with { Value = policy } : v)];
        });

    /// <summary>Sets all of them or none; an empty value removes one. Returns what each was before, null if it was not set.</summary>
    public static IReadOnlyList<PropertyValue> Set(Context context, VolumeName name,
        IReadOnlyList<(PropertyName Name, string Value)> values) => Failures.Name(name.Text, () =>
        {
            using var volume = OpenedVolume.Existing(context, name);
            var before = volume.Store.Properties(name, [.. values.Select(v => v.Name)]);
            volume.Store.SetProperties(name, values, () => VolumeUses.Find(volume.Store, name).Count > 0
                || Holds.Of(context.Configuration, volume.Store, name).Count > 0 || HostUsage.Elsewhere(volume.Store, name).Count > 0);
            SayWayBack(context, name, before);
            return before;
        });

    private static void SayWayBack(Context context, VolumeName name, IReadOnlyList<PropertyValue> before)
    {
        var empty = before.Where(p => p.Value is "" && PropertyName.Parse(p.Name).Label is not null).ToArray();
        // A label or a policy of its own that was not there is removed again by an empty value.
        string[] words = [.. before.Except(empty).Select(p =>
            $"{p.Name}={p.Value ?? (PropertyName.Parse(p.Name) is { Label: null, IsPolicy: false } ? "none" : "")}")];
        if (words.Length > 0)
        {
            WayBack.Say(context, $"{name}: to take it back", "set", words.Prepend(name.Text));
        }

        foreach (var label in empty)
        {
            context.Hint($"{name}: {label.Name} was an empty text, which an existing volume cannot get again");
        }
    }

    /// <summary>The space of one volume.</summary>
    public static SpaceUse Space(Context context, VolumeName name) => OpenedVolume.Look(context, name, (store, _) => store.Space(name));

    /// <summary>The space of a listed volume; null if another command has removed it since.</summary>
    public static SpaceUse? FindSpace(Context context, VolumeName name)
    {
        try
        {
            return Space(context, name);
        }
        catch (KvolException e) when (e.Status == ExitStatus.NoInput)
        {
            return null;
        }
    }

    /// <summary>The names of all volumes.</summary>
    public static IReadOnlyList<VolumeName> AllNames(Context context, Action<KvolException> damaged)
    {
        using var store = VolumeStores.Open(context.Configuration, create: false, context.Upkeep);
        return store is null ? [] : [.. store.List(damaged).OfType<Volume>().Select(v => v.Name)];
    }
}
