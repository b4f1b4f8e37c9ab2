using System.CommandLine;
using System.Linq;
using Kvol.Storage.Values;
using Kvol.Storage.Verbs;

namespace Kvol.Commands;

/// <summary><c>kvol create</c>.</summary>
internal static class CreateCommand
{
    private static readonly Argument<string?> Name = new("NAME")
    {
        Description = "Name (default: random)",
        Arity = ArgumentArity.ZeroOrOne,
    };
    private static readonly Option<string[]> Label = Verbs.Many("Label it", "K=V", "--label", "-l");
    private static readonly Option<string[]> Property = Verbs.Many("Set a property of the dataset (ZFS store)", "PROP=VALUE", "-o");
    private static readonly Option<string?> Quota = new("--quota")
    {
        Description = "Limit its size (ZFS store; a directory on XFS or ext4 with project quotas)",
        HelpName = "SIZE",
    };
    private static readonly Option<string?> Owner = new("--owner")
    {
        Description = "Numeric owner of the top directory",
        HelpName = "UID[:GID]",
    };
    private static readonly Option<string?> Mode = new("--mode") { Description = "Octal mode of the top directory", HelpName = "MODE" };

    private static readonly Option<bool> Encrypt = Verbs.Switch("Encrypt it (ZFS store)", "--encrypt");
    private static readonly Option<string?> KeyFile = new("--key-file")
    {
        Description = "With --encrypt: its key, 32 bytes, 64 hexadecimal digits or a passphrase",
        HelpName = "FILE",
    };
    private static readonly Option<bool> Json = Verbs.Switch("Print its name as JSON", "--json");

    public static Command Build()
    {
        var command = new Command("create", "Create a volume and print its name")
        {
            Name, Label, Property, Quota, Owner, Mode, Encrypt, KeyFile, Json,
        };
        command.SetAction(parsed => Session.Run(parsed, context =>
        {
            var keyFile = parsed.GetValue(KeyFile);
            if (parsed.GetValue(Encrypt) != (keyFile is not null))
            {
                throw new KvolException(ExitStatus.Usage, keyFile is null ? "--encrypt" : $"--key-file {Shown.Word(keyFile)}",
                    keyFile is null ? "needs --key-file FILE" : "needs --encrypt");
            }

            if (parsed.GetValue(Property)!.FirstOrDefault(p => KeyValue.Split(p) is not { Key.Length: > 0, Value: not null }) is { } wrong)
            {
                throw new KvolException(ExitStatus.Usage, $"-o {Shown.Word(wrong)}", "is not PROP=VALUE");
            }

            var (uid, gid) = Filters.Owner(parsed.GetValue(Owner));
            var wanted = new NewVolume(Labels: Filters.Labels(parsed.GetValue(Label)!), Uid: uid, Gid: gid,
                Mode: Filters.Mode(parsed.GetValue(Mode)),
                Quota: Size.Parse("--quota", parsed.GetValue(Quota)), Properties: parsed.GetValue(Property),
                KeyFile: keyFile);
            var name = parsed.GetValue(Name) is { } text ? VolumeName.Parse(text) : null;
            var created = new Volumes(context).Create(name, wanted);
            if (parsed.GetValue(Json))
            {
                DataOutput.Volume(created);
            }
            else
            {
                Output.Line(created.Text);
            }

            return ExitStatus.Done;
        }));
        return command;
    }
}
