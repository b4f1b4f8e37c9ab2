using System;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Trees;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>Quotas of a directory store, on XFS or ext4: each volume with a quota is a project of its own. The directory <c>data</c> has
/// the project id and keeps it when it is moved. A directory that will replace <c>data</c> gets the id before it is filled. Snapshots and
/// clones belong to no project. Only the file system records the limit. Setting it is the last step: until then the volume has no
/// quota.</summary>
internal sealed partial class DirectoryStore
{
    // kvol picks random project ids in the upper half of the positive numbers; projid(5) numbers its own from below.
    private const uint FirstProject = 0x40000000, LastProject = 0x7fffffff;

    private static bool IsOwn(uint project) => project is >= FirstProject and <= LastProject;

    /// <summary>The limit of a volume's content in bytes; null if it has none.</summary>
    internal static ulong? QuotaOf(Fd data) =>
        ProjectQuota.ProjectOf(data) is var project && IsOwn(project) && ProjectQuota.IsEnforced(data)
            && ProjectQuota.Read(data, project).Limit is > 0 and var limit ? limit : null;

    /// <summary>Gives the directory that will replace <paramref name="data"/> the same project.</summary>
    private static void TakeProject(Fd data, Fd staging)
    {
        if (ProjectQuota.ProjectOf(data) is var project && IsOwn(project))
        {
            ProjectQuota.SetProject(staging, project, isDirectory: true);
        }
    }

    /// <summary>The same for a rollback. If the old content is kept, it must not count: the new content is then a project of its
    /// own, with the same limit.</summary>
    private void TakeQuota(Fd data, Fd staging, bool isKept)
    {
        if (!isKept || QuotaOf(data) is not { } quota)
        {
            TakeProject(data, staging);
            return;
        }

        using var gate = LockProjects();
        var project = FreeProject(data);
        ProjectQuota.SetProject(staging, project, isDirectory: true);
        ProjectQuota.SetLimit(staging, project, quota);
    }

    /// <summary>Forgets the limit of a directory that was to replace <paramref name="data"/> and is going to be deleted.</summary>
    private static void ForgetLimit(Fd volume, ByteString staging)
    {
        if (ProjectOf(volume, staging) is var project && IsOwn(project) && project != ProjectOf(volume, Data)
            && ProjectQuota.IsEnforced(volume))
        {
            ProjectQuota.SetLimit(volume, project, 0);
        }
    }

    /// <summary>Limits the size of a volume's content; null removes the limit. Refused if the file system does not enforce project limits,
    /// or if the content is already larger.</summary>
    private void SetQuota(VolumeName name, Fd data, ulong? quota)
    {
        RequireQuota(name, data, quota);
        var project = ProjectQuota.ProjectOf(data);
        if (quota is null)
        {
            if (IsOwn(project))
            {
                ProjectQuota.SetLimit(data, project, 0);
            }

            return;
        }

        using var gate = LockProjects();
        if (QuotaOf(data) is null)
        {
            project = IsOwn(project) ? project : FreeProject(data);
            ProjectTree.Assign(data, project, name.Text);
        }

        ProjectQuota.SetLimit(data, project, quota.Value);
    }

    /// <summary>Throws an error if the content of a volume cannot have this limit.</summary>
    private void RequireQuota(VolumeName name, Fd data, ulong? quota)
    {
        var project = ProjectQuota.ProjectOf(data);
        if (quota is null && !IsOwn(project))
        {
            return;
        }

        RequireProjects(data);
        if (quota is null)
        {
            return;
        }

        var hasQuota = QuotaOf(data) is not null;
        var used = hasQuota ? ProjectQuota.Read(data, project).Used : (ulong)TreeSize.Allocated(data, name.Text);
        if (quota < used)
        {
            throw new KvolException(ExitStatus.Usage, $"quota={Size.Text(quota.Value)}",
                $"is less than the {Size.Text(used)} that {name} holds ({used} bytes); remove something first");
        }
    }

    /// <summary>Limits a volume that is being made; if that is refused, nothing of the volume is left.</summary>
    private void LimitNew(VolumeName name, Fd data, ByteString temporary, ulong? quota)
    {
        try
        {
            SetQuota(name, data, quota);
        }
        catch
        {
            RemoveVolume(name, temporary);
            throw;
        }
    }

    private Fd LockProjects()
    {
        using var locks = OwnDirectory.Open(directory, LocksName, upkeep);
        var gate = Files.OpenOrCreate(locks, new ByteString(".projects"), Permissions.OwnerReadsAndWrites);
        _ = Files.Lock(gate, wait: true);
        return gate;
    }

    private void RequireProjects(Fd data)
    {
        if (!ProjectQuota.IsEnforced(data))
        {
            throw new KvolException(ExitStatus.Unavailable, "quota", $"the file system of {Files.PathOf(volumes)} {ProjectQuota.Hint}");
        }

        if (ProjectQuota.ProjectOf(volumes) is not 0 and var above)
        {
            throw new KvolException(
                ExitStatus.Unavailable, "quota",
                    $"{Files.PathOf(volumes)} is in project {above} itself, and nothing in it can be in another one; take it out of "
                    + "that, or limit the store as a whole");
        }
    }

    /// <summary>A project id without files and without a limit.</summary>
    private static uint FreeProject(Fd fd)
    {
        Span<byte> random = stackalloc byte[sizeof(uint)];
        while (true)
        {
            Host.FillRandom(random);
            var project = FirstProject + (BitConverter.ToUInt32(random) % (LastProject - FirstProject));
            if (ProjectQuota.Read(fd, project) == default)
            {
                return project;
            }
        }
    }

    /// <summary>Deletes the directory of a removed volume, and the limit of its project.</summary>
    private void RemoveVolume(VolumeName name, ByteString directory)
    {
        if (!Files.Exists(volumes, directory))
        {
            return;
        }

        var project = ProjectOf(volumes, new ByteString($"{directory}/{Data}"));
        TreeRemover.Remove(volumes, directory, name.Text);
        if (IsOwn(project) && ProjectQuota.IsEnforced(volumes))
        {
            ProjectQuota.SetLimit(volumes, project, 0);
        }
    }

    private static uint ProjectOf(Fd at, ByteString path)
    {
        try
        {
            using var tree = Files.OpenDirectory(at, path);
            return ProjectQuota.ProjectOf(tree);
        }
        catch (NativeException e) when (e.Failure is Failure.NotFound or Failure.NotDirectory or Failure.Loop)
        {
            return 0; // interrupted before there was one, or after
        }
    }
}
