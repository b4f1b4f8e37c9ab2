using System.Collections.Generic;

namespace Kvol.Tests.Torture;

/// <summary>One command that is made to fail: the state before it (a template, made once, and commands for each case), and what must hold
/// afterwards. $T is the test's directory.</summary>
internal sealed record Scenario(string Name, string Template, string[] Command)
{
    /// <summary>Commands that create the template, run once.</summary>
    public string[][] Made { get; init; } = [];

    /// <summary>Commands before each case, because a template cannot contain mounts.</summary>
    public string[][] Before { get; init; } = [];

    /// <summary>Whether the command must leave nothing after an error: no mount, no mount point.</summary>
    public bool AllOrNothing { get; init; }

    /// <summary>Whether it needs a file system with block cloning.</summary>
    public bool Clones { get; init; }

    private static readonly string[] Mount = ["mount", "$T/jail", "v1:/srv", "v2:/new/deep:ro", "$T/file:/etc/file"];
    private static readonly string[] Attach = ["attach", "www", .. Mount[1..]];
    private static readonly string[] Create = ["create", "v1"], Seed = ["seed", "v1", "$T/jail/srv"];

    private static readonly string[][] Two = [Create, Seed, ["create", "v2"], ["seed", "v2", "$T/jail/srv"]];

    public static IReadOnlyList<Scenario> All { get; } =
    [
        new("create", "", ["create", "v1", "-l", "a=b"]),
        new("init", "", ["init", "$T/store"]),
        new("mount-new", "", Mount) { AllOrNothing = true },
        new("mount-created", "created", ["mount", "$T/jail", "v1:/srv"]) { Made = [Create], AllOrNothing = true },
        new("mount-existing", "seeded", Mount) { Made = [Create, Seed], AllOrNothing = true },
        new("mount-subpath", "seeded", ["mount", "$T/jail", "v1:/www:subpath=a/b,ro", "v1:/mnt"]) { Made = [Create, Seed],
            AllOrNothing = true },
        new("mount-again", "seeded", Mount) { Made = [Create, Seed], Before = [Mount] },
        new("mount-beside-readonly", "created", ["mount", "$T/jail", "v1:/srv"]) { Made = [Create],
            Before = [["mount", "$T/jail", "v1:/other:ro"]] },
        new("umount", "seeded", ["umount", "$T/jail"]) { Made = [Create, Seed], Before = [Mount] },
        new("attach", "", Attach) { AllOrNothing = true },
        new("attach-tmpfs", "", ["attach", "www", "$T/jail", "type=tmpfs,destination=/new/tmp,size=1m", "v2:/new/tmp/in", "v1:/srv"])
        {
            AllOrNothing = true,
        },
        new("detach", "seeded", ["detach", "www"]) { Made = [Create, Seed], Before = [Attach] },
        new("seed", "created", Seed) { Made = [Create] },
        new("rm", "seeded", ["rm", "v1"]) { Made = [Create, Seed] },
        new("rm-f", "seeded", ["rm", "-f", "v1"]) { Made = [Create, Seed], Before = [Mount] },
        new("rename", "seeded", ["rename", "v1", "v9"]) { Made = [Create, Seed] },
        new("clone", "seeded", ["clone", "v1", "v9"]) { Made = [Create, Seed] },
        new("snapshot", "seeded", ["snapshot", "v1@s"]) { Made = [Create, Seed], Clones = true },
        new("rollback", "snapshots", ["rollback", "v1@s", "-r"]) { Made = [Create, Seed, ["snapshot", "v1@s"], ["snapshot", "v1@s2"]],
            Clones = true },
        new("snapshot-group", "two", ["snapshot", "--name", "s", "v1", "v2"]) { Made = Two, Clones = true },
        new("rollback-group", "two-snapshots", ["rollback", "--jail", "www", "--to", "s", "-r"])
        {
            Made = [.. Two, ["attach", "www", "$T/jail", "v1:/a:ro", "v2:/b:ro"], ["snapshot", "--jail", "www", "--name", "s"],
                ["detach", "www"], ["snapshot", "v1@s2"]],
            Clones = true,
        },
        new("rm-snapshot", "snapshots", ["rm", "v1@s"]) { Made = [Create, Seed, ["snapshot", "v1@s"], ["snapshot", "v1@s2"]],
            Clones = true },
        new("export", "seeded", ["export", "v1", "-o", "$T/out.tar"]) { Made = [Create, Seed] },
        new("import", "exported", ["import", "v9", "$T/v1.tar"]) { Made = [Create, Seed, ["export", "v1", "-o", "$T/v1.tar"]] },
        new("gc", "deleted", ["gc"]) { Made = [Create, Seed, ["rm", "v1", "--keep", "0"]] },
        new("prune", "anonymous", ["prune", "-y", "--all"]) { Made = [["create"], Create, Seed] },
        new("rm-keep", "seeded", ["rm", "v1", "--keep", "100000"]) { Made = [Create, Seed] },
        new("undelete", "kept", ["undelete", "v1"]) { Made = [Create, Seed, ["rm", "v1", "--keep", "100000"]] },
        new("set", "seeded", ["set", "v1", "label.a=b"]) { Made = [Create, Seed] },
        new("ls", "seeded", ["ls"]) { Made = [Create, Seed], Before = [Mount] },
        new("inspect", "seeded", ["inspect", "v1"]) { Made = [Create, Seed], Before = [Mount] },
        new("df", "seeded", ["df"]) { Made = [Create, Seed] },
    ];
}
