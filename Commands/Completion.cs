using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Linq;
using Kvol.Storage.Values;
using Kvol.Storage.Verbs;

namespace Kvol.Commands;

/// <summary>Finds completions for the last word of a command line: from the table of verbs, from the operands and options of their
/// commands, and from existing names. The name of an operand or value in the help determines what it may be.</summary>
internal sealed class Completion
{
    private readonly CommandLine line;
    private readonly string typed;
    private readonly KnownNames names;

    private Completion(CommandLine line, string typed)
    {
        this.line = line;
        this.typed = typed;
        names = new KnownNames(line.ValueOf(Verbs.Store));
    }

    /// <summary>Completions for the last of these words, which do not include the program's name.</summary>
    public static Choices Of(IReadOnlyList<string> words)
    {
        var typed = words.Count == 0 ? "" : words[^1];
        return CommandLine.ReadBegun(words.SkipLast(1)) is { } line ? new Completion(line, typed).All().Matching(typed) : Choices.None;
    }

    private Choices All()
    {
        if (line.Awaited is { } awaited)
        {
            return Value(awaited.HelpName ?? "", "", typed);
        }

        if (typed.StartsWith('-') && line.OpenOptions.Any())
        {
            return KeyValue.Split(typed) is not (var name, { } value) ? Options()
                : line.Find(name) is { } option and not Option<bool> ? Value(option.HelpName ?? "", name + "=", value)
                : Choices.None;
        }

        return line.Command is { } command ? Operand(command.Arguments) : Commands();
    }

    private static Choices Commands() =>
        new([.. Verbs.Groups.SelectMany(g => g.Verbs).Select(v => new Choice(v.Name, v.Build().Description ?? ""))]);

    private Choices Options() => new(
    [
        .. line.OpenOptions.SelectMany(o => o.Aliases.Prepend(o.Name).Select(n => new Choice(n, o.Description ?? ""))),
        new Choice("--help", "Show help"),
    ]);

    private Choices Operand(IList<Argument> arguments)
    {
        var at = Math.Min(line.Operands.Count, arguments.Count - 1);
        if (at < 0 || (line.Operands.Count > at && arguments[at].Arity.MaximumNumberOfValues == 1))
        {
            return Choices.None;
        }

        var choices = Value(arguments[at].Name, "", typed);
        return choices with { Words = [.. choices.Words.Where(w => !line.Operands.Skip(at).Contains(w.Word))] };
    }

    // Completions for a value, by the name that the help gives it. The head is the part of its word before it.
    private Choices Value(string name, string head, string text) => name switch
    {
        "VOL" => Choices.Of(names.Volumes(), head),
        "VOL[@NAME]" when line.Has(RmCommand.Deleted) => Choices.Of(names.Deleted()),
        "VOL[@NAME]" => Choices.Of(SnapshotName.IsMeant(text) ? Snapshots(text) : names.Volumes()),
        "VOL@NAME" => Choices.Of(SnapshotName.IsMeant(text) ? Snapshots(text) : names.Volumes().Select(v => v + "@")),
        "VOL[@NEW]" => Choices.Of(names.Volumes()),
        "DELETED" => Choices.Of(names.Deleted()),
        "SNAP" => Choices.Of(line.Operands.Take(1).SelectMany(Snapshots).Select(s => s.Split('@')[1]), head),
        "HOST" => Choices.Of(names.Hosts(), head),
        "GROUP" => Choices.Of(names.Groups(), head),
        "JAIL" when line.Verb?.Name == "detach" => Choices.Of(names.Jails().Concat(names.Holders()), head),
        "JAIL" => Choices.Of(names.Jails(), head),
        "ROOTDIR" => Choices.Of(names.RootDirectories(), head) with { Paths = Paths.Directories, Head = head },
        "DEST" => Choices.Of(names.Destinations(line.Operands[0])),
        "ROOT" or "DIR" or "DATASET|DIR" => Choices.None with { Paths = Paths.Directories, Head = head },
        "STAGE" => Choices.Of(OciCommand.Stages),
        "KIND" => Choices.Of(ImportingFrom.Kinds),
        "FILE" or "DIR|FILE" => Choices.None with { Paths = Paths.Files, Head = head },
        "SPEC" => new SpecCompletion(names).Of(text),
        "PROP" => Choices.Of(PropertyName.All.Select(p => p.Text).Append("label.")),
        "PROP=VALUE" => Choices.Of(PropertyName.All.Select(p => p.Text + "=").Concat(line.Awaited is null ? ["label."] : []), head),
        "COLUMN" => Choices.Of(LsColumn.All.Select(c => c.Name), head),
        "COLUMNS" => List(LsColumn.All.Select(c => c.Name), head, text),
        "KEY=VALUE" => Filter(head, text),
        "TYPE" => Choices.Of(LsCommand.Types, head),
        "FORMAT" => Choices.Of(line.Verb?.Name == "df" ? DfCommand.Formats : ExportCommand.Formats, head),
        "COMMAND" => Commands(),
        "SHELL" => Choices.Of(ShellScripts.Shells),
        _ => Choices.None, // a number, or a name that the user thinks of
    };

    private IEnumerable<string> Snapshots(string text) => names.Snapshots(text.Split('@')[0]);

    /// <summary>The words that may continue a list: those that it does not have yet.</summary>
    internal static Choices List(IEnumerable<string> words, string head, string text)
    {
        var begin = text[..(text.LastIndexOf(',') + 1)];
        return Choices.Of(words.Except(begin.Split(',')), head + begin);
    }

    private Choices Filter(string head, string text)
    {
        var key = Array.Find(Filters.Keys, k => text.StartsWith(k, StringComparison.Ordinal));
        return key switch
        {
            null => Choices.Of(Filters.Keys, head),
            "name=" => Choices.Of(names.Volumes(), head + key),
            "state=" => Choices.Of(VolumeStates.Names, head + key),
            "anonymous=" or "mounted=" => Choices.Of(["true", "false"], head + key),
            _ => Choices.None,
        };
    }
}
