using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>The names in a directory store.</summary>
internal sealed class DirectoryNames(string root) : IStoreNames
{
    public IEnumerable<string> Volumes() => Directories($"{root}/volumes");

    public IEnumerable<string> Snapshots(string volume) =>
        VolumeName.IsValid(volume) ? Directories($"{root}/volumes/{volume}/snapshots") : [];

    public IEnumerable<string> Groups()
    {
        foreach (var volume in Volumes())
        {
            foreach (var snapshot in Snapshots(volume))
            {
                using var directory = OwnDirectory.Find($"{root}/volumes/{volume}/snapshots/{snapshot}");
                if (directory.IsOpen && StateFile.TryRead(directory, DirectoryStore.SnapshotFile, json =>
                    json.TryGetProperty("group", out var group) ? GroupJson.Read(group) : null) is { } found)
                {
                    yield return found.Id;
                }
            }
        }
    }

    public IEnumerable<string> Deleted()
    {
        var path = $"{root}/deleted";
        foreach (var id in Directories(path))
        {
            using var volume = OwnDirectory.Find($"{path}/{id}");
            if (NameOf(volume) is { } name)
            {
                yield return name;
            }
        }
    }

    public IEnumerable<string> Hosts() => Directories($"{root}/{HostRecords.Name}").Where(HostId.IsValid);

    private static string? NameOf(Fd volume)
    {
        try
        {
            return volume.IsOpen && VolumeFile.Read(volume, null) is { Deletion: not null } file ? file.Name.Text : null;
        }
        catch (KvolException e) when (e.Status == ExitStatus.Damaged)
        {
            return null; // 'ls --deleted' says what is wrong with it
        }
    }

    // Skips names that begin with a dot: these are of volumes that are being made or removed.
    private static List<string> Directories(string path)
    {
        var names = new List<string>();
        using var directory = OwnDirectory.Find(path);
        if (directory.IsOpen)
        {
            var reader = new DirectoryReader();
            reader.Start(directory);
            while (reader.MoveNext())
            {
                if (reader.Kind is FileKind.Directory or FileKind.Unknown && reader.Name.ToString() is var name && VolumeName.IsValid(name))
                {
                    names.Add(name);
                }
            }
        }

        return names;
    }
}
