using System.Collections.Generic;
using Kvol.Storage.Values;

namespace Kvol.Storage.Verbs;

/// <summary>What <c>kvol apply</c> does, or <c>kvol diff</c> shows.</summary>
internal enum PlanAction
{
    Create, Set, Mount, Unmount,
}

/// <summary>One difference between a host and its file.</summary>
/// <param name="Volume">The volume that is created or changed; otherwise null.</param>
/// <param name="Property">The property that is set: as <c>kvol set</c> names it, or owner, mode or anonymous.</param>
/// <param name="From">The present value of the property; null if it has none.</param>
/// <param name="To">The value that it should have; null if it should have none.</param>
/// <param name="Root">Of a mount: where it is.</param>
/// <param name="Mount">Of a mount: what it is, or should be.</param>
/// <param name="Obstacle">Why kvol cannot do it, and who can; null if it can.</param>
internal sealed record PlanStep(PlanAction Action, VolumeName? Volume = null, string? Property = null, string? From = null,
    string? To = null, DeclaredRoot? Root = null, MountSpec? Mount = null, string? Obstacle = null)
{
    /// <summary>What the difference is about.</summary>
    public string Subject => Volume?.Text ?? Root!.Path;
}

/// <summary>A volume or root directory of the file, with its differences.</summary>
/// <param name="Failure">Why it could not be compared; null if it was.</param>
internal sealed record PlanItem(DeclaredVolume? Volume, DeclaredRoot? Root, IReadOnlyList<PlanStep> Steps, KvolException? Failure = null);
