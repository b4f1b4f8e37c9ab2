using System;
using System.Collections.Generic;
using System.Text;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>Reads volumes by paths relative to the directory of all volumes, and caches what they share. Not thread-safe.</summary>
internal sealed class VolumeReader(DirectoryStore store, Fd volumes)
{
    private const int MostAttempts = 3;

    private readonly string path = Files.PathOf(volumes).ToString();
    private readonly bool hasQuotas = ProjectQuota.IsEnforced(volumes);
    private readonly DirectoryReader glance = new(DirectoryReader.Glance);
    private readonly byte[] room = GC.AllocateUninitializedArray<byte>(4096);
    private readonly byte[] inside = new byte[256];

    /// <summary>A volume; null if it does not exist, an error (65) if the name is not a volume's.</summary>
    public Volume? Find(VolumeName name, Lazy<HashSet<MadeObject>>? made = null)
    {
        try
        {
            return Files.Status(volumes, name.Bytes).IsDirectory ? Read(name, made)
                : throw new KvolException(ExitStatus.Damaged, $"{path}/{name}", "not a directory, so not a kvol volume")
                    .With(WayOut(name));
        }
        catch (NativeException e) when (e.Failure == Failure.NotFound)
        {
            return null;
        }
    }

    /// <summary>Whether a directory has what may be the file of a volume.</summary>
    public bool HasFile(VolumeName name)
    {
        try
        {
            return Files.Status(volumes, In(name, "volume.json"u8)) is { Kind: FileKind.Regular, Size: > 0 and <= SmallFile.Largest };
        }
        catch (NativeException e) when (e.Failure is Failure.NotFound or Failure.NotDirectory or Failure.Loop)
        {
            return false;
        }
    }

    /// <summary>What a directory contains; null if it no longer exists. <paramref name="made"/>: see
    /// <see cref="Emptiness.FirstForeignIn"/>. Without its lock, parts of two volumes may be seen where one is removed and one of the same
    /// name is made at that moment; then it is read again.</summary>
    public Volume? Read(VolumeName name, Lazy<HashSet<MadeObject>>? made = null)
    {
        for (var attempt = 1; attempt < MostAttempts; attempt++)
        {
            try
            {
                return ReadOnce(name, made);
            }
            catch (Exception e) when (e is NativeException { Failure: Failure.NotFound or Failure.Stale }
                or KvolException { Status: ExitStatus.Damaged })
            {
            }
        }

        return ReadOnce(name, made);
    }

    private Volume? ReadOnce(VolumeName name, Lazy<HashSet<MadeObject>>? made)
    {
        try
        {
            var file = VolumeFile.Read(volumes, In(name, "volume.json"u8), name, room);
            using var data = OpenData(name);
            var state = file.Seeding is not null ? VolumeState.Seeding
                : Emptiness.FirstForeignIn(data, () => store.OpenRecords(create: false), made, reader: glance) is not null
                    ? VolumeState.Ready
                : Files.Exists(volumes, In(name, DirectoryStore.Staging.Bytes)) ? VolumeState.Seeding : VolumeState.Empty;
            return new Volume(
                name, "directory", null, $"{path}/{name.Text}/data", file.Created, file.Anonymous, file.Labels, state,
                    state == VolumeState.Ready ? file.Seed : null,
                hasQuotas ? DirectoryStore.QuotaOf(data) : null, Takes: file.Takes)
            {
                Policy = file.Policy,
            };
        }
        catch (Exception e) when (e is KvolException or NativeException { Failure: Failure.NotFound or Failure.Stale }
            && !Files.Exists(volumes, name.Bytes))
        {
            return null; // removed while it was looked at
        }
        catch (KvolException e) when (e.Status == ExitStatus.Damaged)
        {
            throw e.With(WayOut(name));
        }
    }

    /// <summary>The remedy for a damaged volume.</summary>
    public static string WayOut(VolumeName name) => $"'kvol rm -f {name}' moves it aside";

    /// <summary>The path of an entry in a volume's directory; valid until the next call.</summary>
    private CName In(VolumeName name, ReadOnlySpan<byte> file)
    {
        var length = Encoding.UTF8.GetBytes(name.Text, inside);
        inside[length++] = (byte)'/';
        file.CopyTo(inside.AsSpan(length));
        inside[length += file.Length] = 0;
        return CName.Of(inside.AsSpan(0, length + 1));
    }

    private Fd OpenData(VolumeName name)
    {
        try
        {
            return Files.OpenDirectory(volumes, In(name, DirectoryStore.Data.Bytes));
        }
        catch (NativeException e) when (e.Failure is Failure.NotFound or Failure.NotDirectory or Failure.Loop)
        {
            var data = $"{path}/{name}/{DirectoryStore.Data}";
            throw new KvolException(ExitStatus.Damaged, data, e.Failure == Failure.NotFound
                ? $"is missing; put it back, or 'mkdir {Shown.Quoted(data)}' for an empty one"
                : "is not a directory; put the directory back");
        }
    }
}
