using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Linq;
using Kvol.Storage.Values;

namespace Kvol.Commands;

/// <summary>Parses the command line for all verbs, and refuses a wrong word (64) before anything is done. An option that the verb does not
/// have is refused in any position; all words after <c>--</c> are operands; <c>-</c> alone is an operand.</summary>
internal sealed class CommandLine
{
    private static readonly ParserConfiguration Plain = new() { EnablePosixBundling = false, ResponseFileTokenReplacer = null };

    private readonly List<string> options = [];
    private readonly List<string> operands = [];
    private readonly HashSet<Option> given = [];
    private readonly Queue<string> words;
    private bool onlyOperands;

    private CommandLine(IEnumerable<string> words) => this.words = new Queue<string>(words);

    /// <summary>The verb; null when none was named.</summary>
    public Verb? Verb { get; private set; }

    /// <summary>The command of the verb.</summary>
    public Command? Command { get; private set; }

    /// <summary>Whether help was asked for.</summary>
    public bool WantsHelp { get; private set; }

    /// <summary>Whether the version was asked for.</summary>
    public bool WantsVersion { get; private set; }

    /// <summary>The operands so far.</summary>
    public IReadOnlyList<string> Operands => operands;

    /// <summary>The option at the end of the line whose value is missing; null if there is none.</summary>
    public Option? Awaited { get; private set; }

    /// <summary>The options that may still be given: those not given yet, and those that may be repeated.</summary>
    public IEnumerable<Option> OpenOptions =>
        onlyOperands ? [] : Known.Where(o => !given.Contains(o) || o.Arity.MaximumNumberOfValues > 1);

    /// <summary>Whether an option was given.</summary>
    public bool Has(Option option) => given.Contains(option);

    private IList<Option> Known => Command?.Options ?? [Verbs.Store, Verbs.Wait];

    private string Name => Verb is null ? "kvol" : $"kvol {Verb.Name}";

    /// <summary>Parses a command line without running it; every mistake is an error (64) that names the word.</summary>
    public static CommandLine Read(IEnumerable<string> words)
    {
        var line = new CommandLine(words);
        line.ReadVerb();
        line.ReadRest();
        if (line is { Command: { } command, WantsHelp: false, WantsVersion: false })
        {
            line.Count(command.Arguments);
        }

        return line;
    }

    /// <summary>Parses a command line that is still being typed; null if its verb is unknown. Ignores other mistakes.</summary>
    public static CommandLine? ReadBegun(IEnumerable<string> words)
    {
        var line = new CommandLine(words);
        try
        {
            line.ReadVerb();
        }
        catch (KvolException)
        {
            return line.Awaited is null ? null : line;
        }

        while (line.words.Count > 0)
        {
            try
            {
                line.ReadRest();
            }
            catch (KvolException)
            {
                // the next word may be right
            }
        }

        return line;
    }

    /// <summary>The value that was given to an option; null when none was.</summary>
    public string? ValueOf(Option option) =>
        options.FindLast(o => o.StartsWith(option.Name + "=", StringComparison.Ordinal))?[(option.Name.Length + 1)..];

    /// <summary>The option of this name, or null.</summary>
    public Option? Find(string name) => Known.FirstOrDefault(o => o.Name == name || o.Aliases.Contains(name));

    /// <summary>Does what the command line says.</summary>
    public int Run()
    {
        if (WantsHelp || WantsVersion)
        {
            Output.Text(WantsVersion ? VersionCommand.Version : Verb is null ? Help.Overview() : Help.Of(Verb));
            return 0;
        }

        if (Command is null)
        {
            Output.Raw(options is [.., var last] ? throw NoVerb(last) : Help.Overview() + "\n");
            return (int)ExitStatus.Usage;
        }

        // Each option is passed with its own value, and operands follow the options, so that nothing is ambiguous.
        var parsed = Command.Parse([.. options, "--", .. operands], Plain);
        return parsed.Errors.Count == 0
            ? parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null })
            : throw new KvolException(ExitStatus.Usage, Verb!.Name, $"the command line is not understood; see '{Name} --help'");
    }

    // Options of all verbs may stand before the verb, and so may the word 'volume'.
    private void ReadVerb()
    {
        var prefixed = false;
        while (Verb is null && words.TryDequeue(out var word))
        {
            if (!onlyOperands && word.StartsWith('-'))
            {
                Take(word);
            }
            else if (word == "volume" && !prefixed)
            {
                prefixed = true;
            }
            else
            {
                Verb = Verbs.Find(word) ?? throw UnknownVerb(word);
                onlyOperands = false;
                Command = Verbs.Build(Verb);
            }
        }
    }

    private void ReadRest()
    {
        while (words.TryDequeue(out var word))
        {
            Take(word);
        }
    }

    /// <summary>The error (64) for a word that is not a verb.</summary>
    public static KvolException UnknownVerb(string word) => new(ExitStatus.Usage, Shown.Word(word), $"unknown command{Nearest.Verb(word)}");

    private static KvolException NoVerb(string last) =>
        new(ExitStatus.Usage, Shown.Word(last), "no command follows; 'kvol help' lists them");

    private void Take(string word)
    {
        if (onlyOperands || word is "-" || !word.StartsWith('-'))
        {
            Operand(word);
        }
        else if (word == "--")
        {
            onlyOperands = true;
        }
        else if (word.StartsWith("--", StringComparison.Ordinal))
        {
            Long(word);
        }
        else
        {
            Short(word);
        }
    }

    private void Operand(string word)
    {
        if (Verb is null)
        {
            throw UnknownVerb(word); // '-' alone, in the place of a verb
        }

        if (word.Length == 0)
        {
            var arguments = Command!.Arguments;
            var name = arguments.Count == 0 ? "''" : arguments[Math.Min(operands.Count, arguments.Count - 1)].Name;
            throw new KvolException(ExitStatus.Usage, Verb.Name, $"the operand {name} is an empty word; is a variable not set?");
        }

        operands.Add(word);
    }

    private void Long(string word)
    {
        var (name, value) = KeyValue.Split(word);
        var option = Require(name, word);
        if (option is null or Option<bool>)
        {
            Switch(option, value is null ? name : throw new KvolException(ExitStatus.Usage, Shown.Word(word), $"'{name}' takes no value"));
        }
        else
        {
            Value(option, name, value ?? NextWord(option, name));
        }
    }

    // Several switches may share one hyphen, and the last letter may be followed by a value: -fr, -j4, -o=FILE.
    private void Short(string word)
    {
        for (var at = 1; at < word.Length; at++)
        {
            var name = "-" + word[at];
            var option = Require(name, word);
            if (option is null or Option<bool>)
            {
                Switch(option, name);
                continue;
            }

            var rest = word[(at + 1)..];
            Value(option, name, rest.Length == 0 ? NextWord(option, name) : rest[0] == '=' ? rest[1..] : rest);
            return;
        }
    }

    private Option? Require(string name, string word)
    {
        if (name is "-h" or "-?" or "--help" || (name is "--version" && Verb is null))
        {
            return null;
        }

        return Find(name) ?? throw UnknownOption(name, word);
    }

    private KvolException UnknownOption(string name, string word)
    {
        var clustered = name != word && !word.StartsWith("--", StringComparison.Ordinal) ? $" '{Shown.Of(name)}'" : "";
        var names = Known.SelectMany(o => o.Aliases.Prepend(o.Name)).Where(n => n.Length > 2).Append("--help");
        var hint = Nearest.Hint(name.StartsWith("--", StringComparison.Ordinal) ? name : "-" + word, names);
        return new KvolException(
            ExitStatus.Usage, Shown.Word(word),
            $"unknown option{clustered} of {Name}{(hint.Length > 0 ? hint : $"; see '{Name} --help'")}");
    }

    private void Switch(Option? option, string name)
    {
        WantsHelp |= option is null && name != "--version";
        WantsVersion |= option is null && name == "--version";
        if (option is not null && given.Add(option))
        {
            options.Add(option.Name);
        }
    }

    private void Value(Option option, string name, string value)
    {
        if (value.Length == 0)
        {
            throw new KvolException(ExitStatus.Usage, name, $"its value {option.HelpName} is an empty word; is a variable not set?");
        }

        if (!given.Add(option) && option.Arity.MaximumNumberOfValues == 1)
        {
            throw new KvolException(ExitStatus.Usage, name, "is given twice");
        }

        options.Add($"{option.Name}={value}");
    }

    private string NextWord(Option option, string name)
    {
        if (!words.TryDequeue(out var word))
        {
            Awaited = option;
            throw new KvolException(ExitStatus.Usage, name, $"its value is missing: {name} {option.HelpName}");
        }

        return word is "-" || !word.StartsWith('-') ? word : throw new KvolException(ExitStatus.Usage, name,
            $"its value is missing: {name} {option.HelpName}; if the value is {Shown.Word(word)}, write {name}={Shown.Word(word)}");
    }

    private void Count(IList<Argument> arguments)
    {
        var usage = $"usage: {Help.Usage(Verb!, Command!)}";
        if (operands.Count < arguments.Count(a => a.Arity.MinimumNumberOfValues > 0))
        {
            throw new KvolException(ExitStatus.Usage, Verb!.Name, $"{arguments[operands.Count].Name} is missing; {usage}");
        }

        if (operands.Count > arguments.Count && (arguments.Count == 0 || arguments[^1].Arity.MaximumNumberOfValues == 1))
        {
            throw new KvolException(ExitStatus.Usage, Shown.Word(operands[arguments.Count]), $"one operand too many; {usage}");
        }
    }
}
