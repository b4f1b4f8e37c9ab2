using System.Collections.Generic;
using System.CommandLine;
using System.Linq;
using System.Text;
using Kvol.Storage.Values;

namespace Kvol.Commands;

/// <summary>The texts of <c>kvol --help</c> and <c>kvol VERB --help</c>.</summary>
internal static class Help
{
    private const int Width = 80;

    private static readonly (string Option, string Meaning)[] SpecOptions =
    [
        ("ro, rw", "Read-only; writable (the default)"),
        ("nocopy", "Do not seed the volume"),
        ("nocreate", "The volume has to exist"),
        ("subpath=PATH", "Mount this directory or file of the volume, not its top"),
        ("nosuid, noexec, noatime", "As for mount(8); noatime not on FreeBSD"),
        ("nodev", "As for mount(8) of Linux, where it exists"),
        ("nocache", "As for mount_nullfs(8) of FreeBSD, where it exists"),
        ("recursive", "Also mount what is mounted below the source"),
        ("create-source", "Create the directory of a host mount"),
        ("owner=UID:GID", "Owner of a volume that this mount creates"),
        ("idmap=PATH", "Owners as this user namespace maps them, on Linux"),
        ("size=SIZE, mode=MODE", "Of a tmpfs, as owner: type=tmpfs,destination=/tmp,size=64m"),
        ("linrdlnk", "Of an fdescfs, on FreeBSD"),
    ];

    /// <summary>All verbs with their operands, on one screen.</summary>
    public static string Overview()
    {
        var text = new StringBuilder(
            "Persistent storage for jails and containers.\n\nUsage: kvol [OPTION...] COMMAND [ARGUMENT...]\n");
        foreach (var group in Verbs.Groups)
        {
            text.Append('\n').Append(group.Title).Append(":\n");
            var line = 0;
            foreach (var verb in group.Verbs)
            {
                var synopsis = string.Join(' ', [verb.Name, .. Operands(verb.Build())]);
                var fits = line > 0 && line + 3 + synopsis.Length <= Width;
                text.Append(fits ? "   " : line > 0 ? "\n  " : "  ").Append(synopsis);
                line = (fits ? line + 3 : 2) + synopsis.Length;
            }

            text.Append('\n');
        }

        return text.Append("\nOptions of all commands: --root ROOT, --wait TIME, --help; kvol --version\n")
            .Append("'kvol help COMMAND' explains a command; the manual is kvol(8).").ToString().Replace("\n\n", "\n");
    }

    /// <summary>One verb: its operands, its options, examples.</summary>
    public static string Of(Verb verb)
    {
        var command = Verbs.Build(verb);
        var text = new StringBuilder($"{command.Description}\n\nUsage: {Usage(verb, command)}\n");
        if (verb.Aliases.Length > 0)
        {
            text.Append($"Also: kvol {string.Join(", kvol ", verb.Aliases)}\n");
        }

        Section(text, "Operands", command.Arguments.Select(a => (a.Name, a.Description ?? "")));
        Section(text, "Options", command.Options.Select(o => (Names(o), o.Description ?? "")).Append(("-h, -?, --help", "Show this help")));
        if (command.Arguments.Any(a => a.Name == "SPEC"))
        {
            Section(text, "Options of a SPEC, separated by commas", SpecOptions);
        }

        Section(text, "Examples", Examples.Of(verb.Name).Select(e => (e, "")));
        return text.Append($"\nThe manual page is kvol-{verb.Name}(8).").ToString();
    }

    /// <summary>The syntax of a verb.</summary>
    public static string Usage(string verb) => Usage(Verbs.Find(verb)!, Verbs.Build(Verbs.Find(verb)!));

    /// <inheritdoc cref="Usage(string)"/>
    public static string Usage(Verb verb, Command command) => string.Join(' ', [$"kvol {verb.Name} [OPTION...]", .. Operands(command)]);

    /// <summary>The operands of a command: optional ones in brackets, repeatable ones with dots.</summary>
    public static IEnumerable<string> Operands(Command command) => command.Arguments.Select(a =>
    {
        var name = a.Name + (a.Arity.MaximumNumberOfValues > 1 ? "..." : "");
        return a.Arity.MinimumNumberOfValues == 0 ? $"[{name}]" : name;
    });

    private static string Names(Option option) =>
        string.Join(", ", option.Aliases.Append(option.Name).OrderBy(n => n.Length))
            + (option is Option<bool> ? "" : " " + option.HelpName);

    private static void Section(StringBuilder text, string title, IEnumerable<(string Name, string Meaning)> rows)
    {
        var all = rows.ToList();
        if (all.Count == 0)
        {
            return;
        }

        text.Append('\n').Append(title).Append(":\n");
        var column = all.Max(r => r.Meaning.Length == 0 ? 0 : r.Name.Length) + 4;
        foreach (var (name, meaning) in all)
        {
            text.Append("  ").Append(name);
            var at = 2 + name.Length;
            foreach (var word in meaning.Split(' ', System.StringSplitOptions.RemoveEmptyEntries))
            {
                var fits = at >= column && at + 1 + word.Length <= Width;
                text.Append(fits ? " " : at < column ? new string(' ', column - at) : "\n" + new string(' ', column)).Append(word);
                at = (fits ? at + 1 : column) + word.Length;
            }

            text.Append('\n');
        }
    }
}
