using System;
using System.Collections.Generic;
using System.CommandLine;
using Kvol.Storage.Values;

namespace Kvol.Commands;

/// <summary>All verbs, and the options that every verb takes.</summary>
internal static class Verbs
{
    public static readonly Option<string?> Store = new("--root")
    {
        Description = "The store: a directory (/PATH) or a dataset (POOL/NAME)",
        HelpName = "ROOT",
    };
    public static readonly Option<string?> Wait = new("--wait")
    {
        Description = "Wait at most this long for a lock: 90, 30m, 12h",
        HelpName = "TIME",
    };

    public static readonly Option<bool> DryRun = Switch("Change nothing, but print each step", "-n", "--dry-run");

    /// <summary>The verbs in the order of the help.</summary>
    public static readonly VerbGroup[] Groups =
    [
        new(
            "Volumes",
            Changing("create", CreateCommand.Build), new Verb("ls", LsCommand.Build, "list"), new Verb("show", ShowCommand.Build, "info"),
            new Verb("inspect", InspectCommand.Build), new Verb("exists", ExistsCommand.Build), new Verb("df", DfCommand.Build),
            new Verb("get", GetCommand.Build),
            Changing("set", SetCommand.Build), Changing("rename", RenameCommand.Build), Changing("seed", SeedCommand.Build),
            Changing("adopt", AdoptCommand.Build), Changing("release", ReleaseCommand.Build),
            new Verb("import-from", ImportFromCommand.Build),
            Changing("rm", RmCommand.Build, "remove", "delete"), Changing("undelete", UndeleteCommand.Build),
            new Verb("prune", PruneCommand.Build)),
        new(
            "Mounts in a root directory",
            Changing("mount", MountCommand.Build), Changing("umount", UmountCommand.Build, "unmount"),
            new Verb("mounts", MountsCommand.Build)),
        new(
            "Jails: mounts that are made and undone with a jail",
            Changing("attach", AttachCommand.Build), Changing("detach", DetachCommand.Build), new Verb("gc", GcCommand.Build),
            new Verb("oci", OciCommand.Build)),
        new(
            "A host from a file",
            new Verb("apply", ApplyCommand.Build), new Verb("diff", DiffCommand.Build), new Verb("dump", DumpCommand.Build)),
        new(
            "Snapshots and archives",
            Changing("snapshot", SnapshotCommand.Build), Changing("rollback", RollbackCommand.Build), Changing("clone", CloneCommand.Build),
            Changing("export", ExportCommand.Build), Changing("import", ImportCommand.Build)),
        new(
            "Host",
            Changing("init", InitCommand.Build), new Verb("doctor", DoctorCommand.Build), Changing("load-key", LoadKeyCommand.Build),
            Changing("unload-key", UnloadKeyCommand.Build), new Verb("plugin", PluginCommand.Build),
            new Verb("completion", CompletionCommand.Build),
            new Verb("help", HelpCommand.Build), new Verb("version", VersionCommand.Build)),
    ];

    /// <summary>The verb of this name; null if there is none.</summary>
    public static Verb? Find(string name)
    {
        foreach (var group in Groups)
        {
            foreach (var verb in group.Verbs)
            {
                if (verb.Name == name || Array.IndexOf(verb.Aliases, name) >= 0)
                {
                    return verb;
                }
            }
        }

        return null;
    }

    /// <summary>All names and aliases of verbs.</summary>
    public static IEnumerable<string> Names()
    {
        foreach (var group in Groups)
        {
            foreach (var verb in group.Verbs)
            {
                yield return verb.Name;
                foreach (var alias in verb.Aliases)
                {
                    yield return alias;
                }
            }
        }
    }

    /// <summary>The command of a verb, with the options of all verbs.</summary>
    public static Command Build(Verb verb)
    {
        var command = verb.Build();
        command.Add(Store);
        command.Add(Wait);
        if (verb.HasDryRun)
        {
            command.Add(DryRun);
        }

        return command;
    }

    private static Verb Changing(string name, Func<Command> build, params string[] aliases) =>
        new(name, build, aliases) { HasDryRun = true };

    /// <summary>The first of these options that was typed; null if none was.</summary>
    public static Option? Given(ParseResult parsed, params Option[] options) =>
        Array.Find(options, o => parsed.GetResult(o) is { Implicit: false });

    /// <summary>An error (64) that names the first of these options that was typed.</summary>
    public static void Refuse(ParseResult parsed, string reason, params Option[] options)
    {
        if (Given(parsed, options) is { } option)
        {
            throw new KvolException(ExitStatus.Usage, option.Name, reason);
        }
    }

    /// <summary>An option that may be given several times.</summary>
    public static Option<string[]> Many(string description, string helpName, params string[] names) =>
        new(names[0], names[1..])
        {
            Description = description,
            HelpName = helpName,
            AllowMultipleArgumentsPerToken = false,
            DefaultValueFactory = _ => []
        };

    /// <summary>A switch.</summary>
    public static Option<bool> Switch(string description, params string[] names) => new(names[0], names[1..]) { Description = description };
}
