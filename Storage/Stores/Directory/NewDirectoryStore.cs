using System;
using System.Collections.Generic;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>Announces new volumes of a directory store that a dry run announces too.</summary>
internal sealed class NewDirectoryStore(string root) : INewStoreSteps
{
    public string ContentOf(VolumeName name) => $"{root.TrimEnd('/')}/volumes/{name}/data";

    public Volume Describe(VolumeName name, NewVolume wanted) => Describe(name, wanted, ContentOf(name));

    public void RequireSupported(NewVolume wanted)
    {
        if (wanted.KeyFile is not null)
        {
            throw Refusals.DoesNotEncrypt("--encrypt");
        }

        if (wanted.Properties is { Count: > 0 })
        {
            throw new KvolException(ExitStatus.Unavailable, "-o", "a directory store has no datasets, so no properties; leave it out");
        }
    }

    public void PlanCreate(Plan plan, VolumeName name, NewVolume wanted) => Create(plan, ContentOf(name), name, wanted);

    public bool TryPlanAdoption(Plan plan, VolumeName name, HostTree tree, NewVolume wanted, Action requireUnheld)
    {
        using var parent = HostPlace.OpenParent(root);
        if (tree.Status.MountId != Files.Status(parent).MountId)
        {
            return false;
        }

        requireUnheld();
        Adopt(plan, ContentOf(name), tree);
        return true;
    }

    public (string? Place, string? Mountpoint) PlanAdoption(Plan plan, VolumeName name, DatasetName dataset, NewVolume wanted) =>
        throw DirectoryStore.NotForDataset(dataset, root);

    /// <summary>Announces that a directory becomes the content at the given path.</summary>
    public static void Adopt(Plan plan, string content, HostTree tree)
    {
        var directory = content[..content.LastIndexOf('/')];
        plan.Do("mkdir", "-m", "0700", directory);
        plan.Do("mv", tree.Place.Path, content);
        plan.Note($"write {directory}/{VolumeFile.FileName} with the name, the time and the labels of the volume");
    }

    /// <summary>The volume that <see cref="Create"/> announces.</summary>
    public static Volume Describe(VolumeName name, NewVolume wanted, string content) => new(
        name, "directory", null, content, DateTimeOffset.UtcNow, wanted.Anonymous, wanted.Labels ?? new Dictionary<string, string>(),
        VolumeState.Empty, null, wanted.Quota, Takes: wanted.IsMountedNow ? null : TopPartsText.LeftBy(wanted));

    /// <summary>Announces a new volume whose content is at the given path.</summary>
    public static void Create(Plan plan, string content, VolumeName name, NewVolume wanted)
    {
        var directory = content[..content.LastIndexOf('/')];
        plan.Do("mkdir", "-m", "0700", directory);
        plan.Do("mkdir", "-m", Convert.ToString(wanted.Mode ?? VolumeTop.DefaultMode, 8).PadLeft(4, '0'), content);
        if (wanted.Uid is not null || wanted.Gid is not null)
        {
            plan.Do("chown", $"{wanted.Uid ?? 0}:{wanted.Gid ?? 0}", content);
        }

        if (wanted.Quota is { } quota and > 0)
        {
            plan.Note($"limit {name} to {quota} bytes as a project of its own");
        }

        plan.Note($"write {directory}/{VolumeFile.FileName} with the name, the time and the labels of the volume");
    }
}
