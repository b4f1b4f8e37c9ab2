using System;
using System.Collections.Generic;
using System.Globalization;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Trees;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>Handles read-only and full stores, damaged volumes, and files that cannot be deleted, so that the rest stays usable.</summary>
internal sealed partial class DirectoryStore
{
    /// <summary>The directory with the lock files of volumes.</summary>
    public const string LocksName = "locks";

    private const string DamagedName = "damaged";

    public string? Trouble
    {
        get
        {
            try
            {
                using var file = new NewFile(volumes);
                Content.Write(file.File, new byte[4096]);
                return null;
            }
            catch (NativeException e) when (e.Failure == Failure.ReadOnly)
            {
                return $"{Root} is read-only: its volumes can be listed, exported and mounted with ':ro'; mount its file system "
                    + "read-write to change anything";
            }
            catch (NativeException e) when (e.Failure == Failure.NoSpace)
            {
                return $"{Root} is full ({e.Reason}); 'kvol prune --deleted', 'kvol rm --now NAME' and 'kvol prune --now' make room";
            }
        }
    }

    public string SetAside(VolumeName name)
    {
        using var aside = OwnDirectory.Open(directory, DamagedName, upkeep);
        var time = $"{name}.{DateTimeOffset.UtcNow.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture)}";
        var free = new ByteString(time);
        for (var i = 2; Files.Exists(aside, free); i++)
        {
            free = new ByteString($"{time}.{i}");
        }

        Files.Rename(volumes, name.Bytes, aside, free); // the commit
        Files.Sync(aside);
        Files.Sync(volumes);
        return $"{Files.PathOf(aside)}/{free}";
    }

    public IReadOnlyList<string> Sweep(bool dryRun) =>
        [.. Litter.Sweep(directory, dryRun), .. Litter.Sweep(volumes, dryRun), .. SweepGroups(dryRun)];

    private Fd OpenLocks()
    {
        try
        {
            return OwnDirectory.Open(directory, LocksName, upkeep);
        }
        catch (NativeException e) when (e.Failure is Failure.ReadOnly or Failure.NoSpace)
        {
            return Fd.None;
        }
    }

    /// <summary>The directory of a volume; closed if the name does not exist or is a symbolic link.</summary>
    private Fd FindVolume(VolumeName name)
    {
        try
        {
            return Files.FindRead(volumes, name.Bytes);
        }
        catch (NativeException e) when (e.Failure == Failure.Loop)
        {
            return Fd.None;
        }
    }

    private Fd OpenVolume(ByteString name)
    {
        try
        {
            return Files.OpenDirectory(volumes, name);
        }
        catch (NativeException e) when (e.Failure is Failure.NotFound or Failure.NotDirectory or Failure.Loop)
        {
            return Fd.None;
        }
    }

    /// <summary>Deletes what a crash left at a path among the volumes. What cannot be deleted is renamed so that it blocks no name, and gc
    /// finds it.</summary>
    private void ClearAway(VolumeName subject, ByteString path)
    {
        if (!Files.Exists(volumes, path))
        {
            return;
        }

        try
        {
            var slash = path.Bytes.IndexOf((byte)'/');
            if (slash < 0)
            {
                RemoveVolume(subject, path);
                return;
            }

            using var volume = Files.OpenDirectory(volumes, new ByteString(path.Bytes[..slash].ToArray()));
            TreeRemover.Remove(volume, new ByteString(path.Bytes[(slash + 1)..].ToArray()), subject.Text);
        }
        catch (NativeException e) when (e.Failure == Failure.ReadOnly)
        {
            // it blocks nothing: nothing can be made here
        }
        catch (Exception e) when (e is NativeException or KvolException)
        {
            if (path.Equals(Gone(subject)) && !Files.Exists(volumes, subject.Bytes))
            {
                warn(e.Message); // it blocks no name where it is, and gc reports it
                return;
            }

            warn($"{e.Message}; what a crash left of {subject} is left in {Files.PathOf(volumes)}/{PutAway(path)}");
        }
    }

    /// <summary>Deletes a volume that was already renamed away; throws an error that says where the rest is if that fails.</summary>
    private void Discard(VolumeName name)
    {
        try
        {
            RemoveVolume(name, Gone(name));
        }
        catch (Exception e) when (e is NativeException or KvolException)
        {
            var status = e is KvolException known ? known.Status : HostProbe.StatusOf((NativeException)e);
            var rest = PutAway(Gone(name));
            throw new KvolException(status, name.Text,
                $"is removed and its name is free, but the rest of it lies in {Files.PathOf(volumes)}/{rest} ({e.Message}); 'kvol gc' "
                + "tries again");
        }
    }

    private ByteString PutAway(ByteString path)
    {
        var free = new ByteString(GonePrefix + RandomHex.Of(12));
        try
        {
            Files.Rename(volumes, path, volumes, free);
            return free;
        }
        catch (NativeException e) when (!e.IsWrongQuestion)
        {
            return path; // it is immutable itself, or a mount point
        }
    }
}
