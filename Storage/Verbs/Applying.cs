using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Storage.Verbs;

/// <summary><c>kvol apply</c>: removes the differences between a host and its file, one volume or root directory at a time. It never
/// removes a volume, and changes no content.</summary>
/// <param name="prunes">Whether to unmount what the file does not have.</param>
/// <param name="did">Called with each difference that was removed.</param>
internal sealed class Applying(Context context, bool prunes, Action<PlanStep> did)
{
    private readonly HashSet<VolumeName> failed = [];

    /// <summary>Removes the differences of one item, or throws the first error. The settings of a volume are made all or none, and so are
    /// the mounts of a root directory. In a dry run makes the checks of that, and reports what would be done.</summary>
    public void Run(PlanItem item)
    {
        context.Interrupt.ThrowIfCancellationRequested();
        if (item.Failure is { } failure)
        {
            throw Failed(item, failure);
        }

        try
        {
            if (item.Volume is { } volume)
            {
                Apply(volume, item.Steps);
            }
            else
            {
                Apply(item.Root!, item.Steps);
            }
        }
        catch (Exception e) when (e is KvolException or IOException)
        {
            throw Failed(item, e);
        }
    }

    private Exception Failed(PlanItem item, Exception error)
    {
        if (item is { Volume: { } volume, Steps: [{ Action: PlanAction.Create }, ..] })
        {
            failed.Add(volume.Name); // a mount would create it without its settings
        }

        return item.Volume is { } named && error is KvolException e ? e.Of(named.Name.Text) : error;
    }

    private void Apply(DeclaredVolume wanted, IReadOnlyList<PlanStep> steps)
    {
        var possible = steps.Where(s => s.Obstacle is null).ToArray();
        var isNew = possible is [{ Action: PlanAction.Create }, ..] && new Volumes(context).TryCreate(wanted.Name, New(wanted));
        // What a new volume got with its creation need not be set.
        (PropertyName Name, string Value)[] values = [.. possible
            .Where(s => s.Action == PlanAction.Set && (!isNew || s.Property == PropertyName.Policy)
                && s.Property is not ("owner" or "mode" or "anonymous"))
            .Select(s => (PropertyName.Parse(s.Property!), s.To ?? (s.Property == PropertyName.Quota ? "none" : "")))];
        if (values.Length > 0)
        {
            VolumeProperties.Set(context, wanted.Name, values);
        }

        Report(possible);
        Refuse(steps);
    }

    private static NewVolume New(DeclaredVolume wanted) => new(
        wanted.Anonymous == true,
        VolumePlan.LabelsOf(wanted, null).Where(l => l.Value is not null).ToDictionary(l => l.Key, l => l.Value!),
        wanted.Uid, wanted.Gid, wanted.Mode, wanted.Quota is > 0 and var quota ? quota : null,
        [.. wanted.Properties.Select(p => $"{p.Name}={p.Value}")]);

    private void Apply(DeclaredRoot wanted, IReadOnlyList<PlanStep> steps)
    {
        if (wanted.Mounts.Select(m => m.Volume).FirstOrDefault(v => v is not null && failed.Contains(v)) is { } missing)
        {
            throw new KvolException(ExitStatus.Busy, wanted.Path,
                $"nothing was changed there, because volume {missing} could not be created as the file says");
        }

        if (prunes && steps.Any(s => s.Action == PlanAction.Unmount))
        {
            Unmounter.RunUndeclared(context, wanted);
            Report([.. steps.Where(s => s.Action == PlanAction.Unmount)]);
        }

        if (steps.Any(s => s.Action == PlanAction.Mount))
        {
            _ = wanted.Jail is { } jail ? Attacher.Declare(context, jail, wanted.Path, wanted.Mounts)
                : Mounter.Mount(context, wanted.Path, wanted.Mounts, force: false, snapshots: false);
            Report([.. steps.Where(s => s.Action == PlanAction.Mount)]);
        }

        WarnOfUndeclared(steps);
    }

    private void Report(IReadOnlyList<PlanStep> steps)
    {
        foreach (var step in steps)
        {
            did(step);
        }
    }

    // Throws the last error for what kvol cannot do, after those before it.
    private void Refuse(IReadOnlyList<PlanStep> steps)
    {
        KvolException[] errors = [.. steps.Where(s => s.Obstacle is not null).Select(s => s.Mount is null
            ? new KvolException(ExitStatus.CannotCreate, s.Subject,
                $"{s.Property} is {s.From ?? "none"}, not {s.To ?? "none"}: {s.Obstacle}")
            : new KvolException(ExitStatus.Busy, s.Mount.Destination, s.Obstacle!))];
        foreach (var error in errors.SkipLast(1))
        {
            context.Warn(error.Message);
        }

        if (errors.Length > 0)
        {
            throw errors[^1];
        }
    }

    private void WarnOfUndeclared(IReadOnlyList<PlanStep> steps)
    {
        foreach (var step in prunes ? [] : steps.Where(s => s.Action == PlanAction.Unmount))
        {
            var (root, destination) = (step.Root!.Path, step.Mount!.Destination);
            context.Warn($"{destination}: {step.Mount.SourceText} stays mounted in {root}, and the file does not have it; --prune unmounts "
                + $"it, and so does: kvol umount {Shown.Quoted(root)} {Shown.Quoted(destination)}");
        }
    }
}
