namespace Kvol.Storage.Values;

/// <summary>A group of snapshots as the command line names it: by its id, or by a jail and the name of the snapshots.</summary>
internal sealed record GroupChoice(string? Id, string? Jail, string? Name)
{
    /// <summary>The group that options name; null if none of them was given. An error (64) if they do not name one.</summary>
    public static GroupChoice? Parse(string? id, string? jail = null, string? to = null) => (id, jail, to) switch
    {
        (null, null, null) => null,
        (not null, null, null) => new GroupChoice(id, null, null),
        (null, not null, not null) when VolumeName.IsValid(to) => new GroupChoice(null, JailName.Parse(jail), to),
        (null, not null, not null) => throw new KvolException(ExitStatus.Usage, $"--to {Shown.Word(to)}",
            "is not the name of a snapshot: letters, digits, '_', '.' and '-', starting with a letter or digit"),
        (null, not null, null) => throw new KvolException(ExitStatus.Usage, "--jail", "needs the name of the snapshots: --to NAME"),
        (null, null, not null) => throw new KvolException(ExitStatus.Usage, "--to", "needs --jail JAIL"),
        _ => throw new KvolException(ExitStatus.Usage, "--group", "cannot be combined with --jail or --to"),
    };

    /// <summary>Whether a snapshot belongs to it.</summary>
    public bool Matches(SnapshotInfo snapshot) => snapshot.Group is { } group
        && (Id is not null ? group.Id == Id : group.Jail == Jail && snapshot.Name.Name == Name);

    public override string ToString() => Id is not null ? $"--group {Shown.Word(Id)}" : $"--jail {Jail} --to {Name}";
}
