using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>A dataset as a volume, with the user properties that make it one. Only the dataset's own values count: an inherited label
/// belongs to another dataset.</summary>
internal static class ZfsVolume
{
    private const string CreatedProperty = "kvol:created", AnonymousProperty = "kvol:anonymous";

    private const string Driver = "zfs";

    /// <summary>The prefix of a label's property.</summary>
    public const string LabelPrefix = "kvol:label.";

    /// <summary>A property of ZFS: the token with which zfs-send(8) -t resumes an interrupted stream; it exists only while a partly
    /// received stream is kept.</summary>
    public const string ResumeToken = "receive_resume_token";

    /// <summary>The property that records the source of the first content.</summary>
    public const string SeedProperty = "kvol:seed";

    /// <summary>The property that says what the first mount may give the top directory; absent on volumes older than the
    /// property.</summary>
    public const string TakesProperty = "kvol:takes";

    /// <summary>The property with the policy of snapshots. Only a local value counts: the policy of a copy is that of the copied volume,
    /// and would prune what the next incremental stream starts from.</summary>
    public const string PolicyProperty = "kvol:snapshots";

    /// <summary>The property of a snapshot that a policy took: the period. Only a local value counts.</summary>
    public const string TakenProperty = "kvol:policy";

    /// <summary>The foreign entry for a dataset that cannot be a volume; null if it can.</summary>
    public static ForeignEntry? Foreign(DatasetStats dataset) =>
        dataset.Type != DatasetType.FileSystem || !VolumeName.IsValid(NameOf(dataset))
            ? new ForeignEntry(NameOf(dataset), Driver, dataset.Name, Created(dataset)) : null;

    /// <summary>The volume that a dataset is; <paramref name="home"/> is its own mount, or null.</summary>
    public static Volume Read(DatasetStats dataset, string? mountpoint, MountEntry? home, DatasetState states)
    {
        var state = states.Of(dataset, home);
        return new Volume(
            VolumeName.Parse(NameOf(dataset)), Driver, dataset.Name, mountpoint, Created(dataset),
            dataset.Own(AnonymousProperty) == "true", Labels(dataset), state,
            state == VolumeState.Ready ? SeedJson.Parse(dataset.Own(SeedProperty)) : null, dataset.Number("refquota") is > 0 and var quota
                ? quota : null, home is not null,
            dataset.Own(CreatedProperty) is not null && Mountpoint.Refusal(dataset) is null, dataset.Text("origin"),
            dataset.Text(ResumeToken), dataset.Own(TakesProperty) is { } takes ? TopPartsText.Parse(takes) : null)
        {
            Policy = dataset.Local(PolicyProperty),
            IsMadeHere = dataset.Local(CreatedProperty) is not null,
            IsReadOnly = dataset.Number("readonly") is > 0,
        };
    }

    private static string NameOf(DatasetStats dataset) => DatasetName.Last(dataset.Name);

    private static DateTimeOffset Created(DatasetStats dataset) =>
        Timestamp.TryRead(dataset.Own(CreatedProperty))
            ?? DateTimeOffset.FromUnixTimeSeconds((long)(dataset.Number("creation") ?? 0));

    /// <summary>Creates the dataset of a volume; it is not mounted.</summary>
    public static void Create(ZfsSystem zfs, DatasetName dataset, NewVolume wanted, params (string Name, string Value)[] more)
    {
        var chosen = PropertyEncoding.Parse(wanted.Properties ?? []);
        if (wanted.Quota is { } quota)
        {
            chosen["refquota"] = quota;
        }

        using var properties = New(wanted, [
            .. more, .. TakesOf(wanted),
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
            throw new KvolException(ExitStatus.Usage, $"-o {string.Join(" -o ", chosen.Keys)}",
                $"ZFS refuses {(chosen.Count == 1 ? "this" : "a")} value or property for a new file system: {e.Reason}");
        }
        catch (NativeException e)
        {
            throw ZfsErrors.Creating(dataset.Text, e);
        }
    }

    /// <summary>The options with which zfs-create(8) encrypts with the key in a file.</summary>
    public static IEnumerable<string> EncryptionOf(string file) => ["encryption=on", "keyformat=" + EncryptionKey.FormatOf(file) switch
    {
        EncryptionKey.Raw => "raw",
        EncryptionKey.Hex => "hex",
        _ => "passphrase",
    }, $"keylocation=file://{file}"];

    /// <summary>Adds the properties of an encrypted dataset whose key zfs-load-key(8) finds; returns the key.</summary>
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
        foreach (var (name, value) in PropertiesOf(wanted).Concat(more))
        {
            properties.Add(name, value);
        }

        return properties;
    }

    /// <summary>The user properties of every new volume.</summary>
    public static IEnumerable<(string Name, string Value)> PropertiesOf(NewVolume wanted) =>
    [
        (CreatedProperty, Timestamp.Text(DateTimeOffset.UtcNow)), (AnonymousProperty, wanted.Anonymous ? "true" : "false"),
        .. (wanted.Labels ?? new Dictionary<string, string>()).Select(l => (LabelPrefix + l.Key, l.Value)),
    ];

    /// <summary>The property with what the first mount may give the volume, unless this command mounts it.</summary>
    public static IEnumerable<(string Name, string Value)> TakesOf(NewVolume wanted) =>
        wanted.IsMountedNow ? [] : [(TakesProperty, TopPartsText.Of(TopPartsText.LeftBy(wanted)))];

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
}
