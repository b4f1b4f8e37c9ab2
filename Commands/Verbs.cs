using System.CommandLine;
using System.CommandLine.Help;
using System.Linq;

namespace Kvol.Commands;

/// <summary>The command line: every verb, and the options that all of them take.</summary>
internal static class Verbs
{
    public static readonly Option<string?> Store = new("--root") { Description = "The store: a directory (/PATH) or a dataset (POOL/NAME)", Recursive = true, HelpName = "ROOT" };
    public static readonly Option<double?> Wait = new("--wait") { Description = "Wait at most this long for a lock", Recursive = true, HelpName = "SECONDS" };

    /// <summary>The whole command line. Help is part of it where the arguments ask for it: its texts are resources, found by reflection, and
    /// that would be a sixth of the start-up of every command.</summary>
    public static Command Root(string[] args)
    {
        var root = new Command("kvol", "Persistent storage for jails: volumes, seeded and mounted.")
        {
            Store, Wait,
            InitCommand.Build(), CreateCommand.Build(), LsCommand.Build(), InspectCommand.Build(), RmCommand.Build(), PruneCommand.Build(),
            MountCommand.Build(), UmountCommand.Build(), AttachCommand.Build(), DetachCommand.Build(), GcCommand.Build(), MountsCommand.Build(), SeedCommand.Build(), DoctorCommand.Build(),
            SnapshotCommand.Build(), RollbackCommand.Build(), CloneCommand.Build(), RenameCommand.Build(), UndeleteCommand.Build(), ExportCommand.Build(),
            ImportCommand.Build(), GetCommand.Build(), SetCommand.Build(), DfCommand.Build(), LoadKeyCommand.Build(), UnloadKeyCommand.Build(),
        };
        if (args.Any(a => a is "-h" or "--help" or "-?" or "--version"))
        {
            root.Add(new HelpOption());
            root.Add(new VersionOption());
        }

        return root;
    }

    /// <summary>An option that may be given several times.</summary>
    public static Option<string[]> Many(string description, string helpName, params string[] names) =>
        new(names[0], names[1..]) { Description = description, HelpName = helpName, AllowMultipleArgumentsPerToken = false, DefaultValueFactory = _ => [] };

    /// <summary>A switch.</summary>
    public static Option<bool> Switch(string description, params string[] names) => new(names[0], names[1..]) { Description = description };
}
