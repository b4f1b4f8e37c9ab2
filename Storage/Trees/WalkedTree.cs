using Kvol.Storage.Values;

namespace Kvol.Storage.Trees;

/// <summary>Describes the tree of a walk, for its messages.</summary>
/// <param name="Subject">The volume, or another name that an administrator knows.</param>
/// <param name="Work">What is done to it: "it was being ...".</param>
/// <param name="WayOut">What the administrator can do when the walk ends early.</param>
internal sealed record WalkedTree(string Subject, string Work, string WayOut = "try again when nothing moves directories in it")
{
    /// <summary>The error (75) for a directory that was moved since the walk entered it.</summary>
    public KvolException Moved(string name) =>
        Busy($"the directory '{name}' was moved, or something was mounted on the way to it, while it was being {Work}");

    /// <summary>An error (75) with its way out.</summary>
    public KvolException Busy(string reason) => new(ExitStatus.Busy, Subject, $"{reason}; {WayOut}");
}
