using System;
using System.Collections.Generic;
using System.Globalization;
using Kvol.Native;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>A dataset as a volume, and the user properties that make it one. Only values of the dataset itself count: an inherited label is
/// another dataset's.</summary>
internal static class ZfsVolume
{
    private const string CreatedProperty = "kvol:created", AnonymousProperty = "kvol:anonymous";

    /// <summary>Before the key of a label.</summary>
    public const string LabelPrefix = "kvol:label.";

    /// <summary>ZFS's own: what zfs-send(8) -t wants to go on with a stream that was cut off; there only while a part of one is
    /// kept.</summary>
    public const string ResumeToken = "receive_resume_token";

    /// <summary>The property that says where the first content came from.</summary>
    public const string SeedProperty = "kvol:seed";

    /// <summary>The property that says what the first mount may give the top directory; not there for what is older than it.</summary>
    public const string TakesProperty = "kvol:takes";

    /// <summary>What is known of a dataset that is mounted at <paramref name="home"/>, or nowhere.</summary>
    public static Volume Read(DatasetStats dataset, string? mountpoint, MountEntry? home, DatasetState states)
    {
        var name = dataset.Name[(dataset.Name.LastIndexOf('/') + 1)..];
        var recorded = dataset.Own(CreatedProperty);
        var created = DateTimeOffset.TryParse(recorded, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time
            : DateTimeOffset.FromUnixTimeSeconds((long)(dataset.Number("creation") ?? 0));
        if (dataset.Type != DatasetType.FileSystem || !VolumeName.IsValid(name))
        {
            return new Volume(name, "zfs", dataset.Name, null, created, false, new Dictionary<string, string>(), VolumeState.Foreign, null,
                null, Mounted: false);
        }

        var state = states.Of(dataset, home);
        return new Volume(
            name, "zfs", dataset.Name, mountpoint, created, dataset.Own(AnonymousProperty) == "true", Labels(dataset), state,
            state == VolumeState.Ready ? SeedJson.Parse(dataset.Own(SeedProperty)) : null, dataset.Number("refquota") is > 0 and var quota
                ? quota : null, home is not null,
            recorded is not null && Mountpoint.Refusal(dataset) is null, dataset.Text("origin"), dataset.Text(ResumeToken),
            dataset.Own(TakesProperty) is { } takes ? TopPartsText.Parse(takes) : null);
    }

    /// <summary>Creates the dataset of a volume; it is not mounted.</summary>
    public static void Create(ZfsSystem zfs, DatasetName dataset, NewVolume wanted, params (string Name, string Value)[] more)
    {
        var chosen = PropertyEncoding.Parse(wanted.Properties ?? []);
        if (wanted.Quota is { } quota)
        {
            chosen["refquota"] = quota;
        }

        using var properties = New(wanted, [
            .. more, .. wanted.IsMountedNow ? (ReadOnlySpan<(string, string)>)[]
                : [(TakesProperty, TopPartsText.Of(TopPartsText.LeftBy(wanted)))],
            .. wanted.IsSeededNow ? (ReadOnlySpan<(string, string)>)[(ZfsSeeding.Property, ZfsSeeding.Open)] : [],
        ]);
        var key = wanted.KeyFile is { } file ? Encrypt(properties, HostPath.Absolute(file)) : null;
        PropertyEncoding.Add(properties, chosen);
        try
        {
            zfs.Core.Create(dataset.Text, properties, key);
        }
        catch (NativeException e)
            when (e.Failure is Failure.Invalid or Failure.NotSupported or Failure.Range or Failure.Other && chosen.Count > 0)
        {
            throw new KvolException(ExitStatus.Usage, $"-o {Refused(zfs, dataset, chosen)}",
                $"ZFS refuses this value or property for a new file system: {e.Reason}");
        }
        catch (NativeException e)
        {
            throw ZfsErrors.Creating(dataset.Text, e);
        }
    }

    /// <summary>Adds what makes a dataset an encrypted one whose key zfs-load-key(8) finds; the key.</summary>
    private static byte[] Encrypt(NvList properties, string file)
    {
        var (format, salt) = (EncryptionKey.FormatOf(file), EncryptionKey.NewSalt());
        properties.Add("encryption", 1UL); // ZIO_CRYPT_ON, include/sys/zio.h
        properties.Add("keyformat", format);
        properties.Add("keylocation", $"file://{file}");
        if (format == EncryptionKey.Passphrase)
        {
            properties.Add("pbkdf2salt", salt);
            properties.Add("pbkdf2iters", EncryptionKey.Iterations);
        }

        return EncryptionKey.Derive(file, format, salt, EncryptionKey.Iterations);
    }

    /// <summary>Clones a snapshot to the dataset of a new volume; it is not mounted.</summary>
    public static void Clone(ZfsSystem zfs, DatasetName dataset, string origin, NewVolume wanted, SeedRecord seed)
    {
        using var properties = New(wanted, (SeedProperty, SeedJson.Text(seed, null, ZfsSeeding.LongestValue)));
        try
        {
            zfs.Core.Clone(dataset.Text, origin, properties);
        }
        catch (NativeException e)
        {
            throw ZfsErrors.Creating(dataset.Text, e);
        }
    }

    /// <summary>The properties that make a dataset a new volume.</summary>
    public static NvList New(NewVolume wanted, params (string Name, string Value)[] more)
    {
        var properties = ZfsSystem.NewList();
        properties.Add(CreatedProperty, VolumeFile.Time(DateTimeOffset.UtcNow));
        properties.Add(AnonymousProperty, wanted.Anonymous ? "true" : "false");
        foreach (var (key, value) in wanted.Labels ?? new Dictionary<string, string>())
        {
            properties.Add(LabelPrefix + key, value);
        }

        foreach (var (name, value) in more)
        {
            properties.Add(name, value);
        }

        return properties;
    }

    /// <summary>The labels, by key.</summary>
    public static SortedDictionary<string, string> Labels(DatasetStats dataset)
    {
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var property in dataset.Properties.Names(LabelPrefix))
        {
            if (dataset.Own(property) is { } value)
            {
                labels[property[LabelPrefix.Length..]] = value;
            }
        }

        return labels;
    }

    /// <summary>The kernel does not say which property it refuses, so each is tried alone.</summary>
    private static string Refused(ZfsSystem zfs, DatasetName dataset, IReadOnlyDictionary<string, object> chosen)
    {
        // Under a name that no volume has: whatever happens to it, nobody takes it for one.
        var probe = $"{dataset.Parent}/.kvol-probe-{VolumeName.Random()}";
        foreach (var (property, value) in chosen)
        {
            using var alone = ZfsSystem.NewList();
            PropertyEncoding.Add(alone, new Dictionary<string, object> { [property] = value });
            try
            {
                zfs.Core.Create(probe, alone);
                zfs.Core.Destroy(probe);
            }
            catch (NativeException e) when (e.Failure != Failure.BadDescriptor)
            {
                return property;
            }
        }

        return string.Join(' ', chosen.Keys);
    }
}
