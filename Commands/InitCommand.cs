using System.CommandLine;
using Kvol.Storage.Base;
using Kvol.Storage.Values;
using Kvol.Storage.Verbs;

namespace Kvol.Commands;

/// <summary><c>kvol init</c>.</summary>
internal static class InitCommand
{
    private static readonly Argument<string?> Root = new("ROOT")
    {
        Description = "The store to make; otherwise the configured one",
        Arity = ArgumentArity.ZeroOrOne,
    };
    private static readonly Option<bool> Default = Verbs.Switch("Write the store and its id to the configuration file", "--default");

    public static Command Build()
    {
        var command = new Command("init", "Make the store") { Root, Default };
        command.SetAction(parsed => Session.Run(parsed, context => Run(context, parsed.GetValue(Root), parsed.GetValue(Default)),
            writesConfiguration: parsed.GetValue(Default)));
        return command;
    }

    private static ExitStatus Run(Context context, string? root, bool makeDefault)
    {
        if (root is not null)
        {
            context = context with
            {
                Configuration = context.Configuration with
                {
                    Root = root,
                    StoreId = root == context.Configuration.Root
                ? context.Configuration.StoreId : null
                }
            };
        }

        var (where, id) = new Volumes(context).Initialize();
        if (makeDefault)
        {
            ConfigurationFile.SetStore(context.Configuration.Path, where, id, context.Plan);
            if (context.Plan is null)
            {
                Output.Message($"{context.Configuration.Path}: root is {where} and store_id is {id} now");
            }
        }

        Output.Line(id);
        return ExitStatus.Done;
    }
}
