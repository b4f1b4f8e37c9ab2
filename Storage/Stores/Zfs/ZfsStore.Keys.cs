using System;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>Keys of encrypted datasets: native encryption, zfs-load-key(8).</summary>
internal sealed partial class ZfsStore : IVolumeKeys
{
    public void LoadKey(VolumeName name, string? file)
    {
        var dataset = KeyHolder(name);
        if (dataset.Number("keystatus") == 1)
        {
            file = KeyFileOf(name, dataset, file);
            var key = Derive(dataset, file);
            try
            {
                zfs.Core.LoadKey(dataset.Name, key);
            }
            catch (NativeException e) when (e.Failure == Failure.NotPermitted)
            {
                throw new KvolException(ExitStatus.NotPermitted, name.Text,
                    $"the key in {new ByteString(file)} is not the key of this volume");
            }
            catch (NativeException e) when (e.Failure != Failure.Exists)
            {
                throw ZfsErrors.Other(dataset.Name, e);
            }
        }

        MountAbove();
        mounts.MountIfMeant(Stats(name)!);
    }

    /// <summary>The file with a key that is to be loaded: the given one, or that of the dataset.</summary>
    private static string KeyFileOf(VolumeName name, DatasetStats dataset, string? file)
    {
        var location = dataset.Text("keylocation") ?? "";
        return file ?? (location.StartsWith("file://", StringComparison.Ordinal) ? location["file://".Length..]
            : throw new KvolException(ExitStatus.Usage, name.Text,
                $"its key is not in a file (keylocation={location}); name one with --key-file, or: zfs load-key {dataset.Name}"));
    }

    private static byte[] Derive(DatasetStats dataset, string file) => EncryptionKey.Derive(file, dataset.Number("keyformat") ?? 0,
        dataset.Number("pbkdf2salt") ?? 0, dataset.Number("pbkdf2iters") ?? 0);

    public void UnloadKey(VolumeName name)
    {
        var dataset = RequireOwnKey(name);
        mounts.Unmount(dataset);
        try
        {
            if (dataset.Number("keystatus") != 1)
            {
                zfs.Core.UnloadKey(dataset.Name);
            }
        }
        catch (NativeException e)
        {
            mounts.MountIfMeant(dataset); // as it was
            throw e.Failure == Failure.Busy ? new KvolException(ExitStatus.Busy, name.Text,
                "is in use, or a dataset inside it or a clone of it is; unmount that first") : ZfsErrors.Other(dataset.Name, e);
        }
    }

    private DatasetStats RequireOwnKey(VolumeName name)
    {
        var dataset = KeyHolder(name);
        if (dataset.Name != volumes.Child(name.Text).Text)
        {
            throw new KvolException(ExitStatus.Usage, name.Text,
                $"has no key of its own, but that of {dataset.Name}, which others use too: zfs unload-key {dataset.Name}");
        }

        return dataset;
    }

    /// <summary>The encryption root of a volume: its own dataset, or one above it.</summary>
    private DatasetStats KeyHolder(VolumeName name)
    {
        var dataset = Stats(name) ?? throw Refusals.NoSuchVolume(name);
        return dataset.Text("encryptionroot") is not { } holder ? throw new KvolException(ExitStatus.Usage, name.Text, "is not encrypted")
            : holder == dataset.Name ? dataset
            : zfs.Find(holder) ?? throw new KvolException(ExitStatus.NoInput, holder, "has the key of this volume and is not there");
    }
}
