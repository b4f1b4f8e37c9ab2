using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;
using Kvol.Tests.Support;

namespace Kvol.Tests.Torture;

/// <summary>What the random sequences need of a store.</summary>
internal interface IWaysStore
{
    Result Run(params string[] arguments);

    Result Shell(string script);

    bool Has(string volume);

    /// <summary>Writes a number into a file of a volume.</summary>
    void Write(string volume, int file, int number);

    /// <summary>The files of a volume with what they hold, and its labels.</summary>
    (string Content, string Labels) StateOf(string volume);
}

/// <summary>Runs random sequences of verbs. Whatever a verb printed as the way back must bring back what there was, or say what overtook
/// it; the model is the state that was read before the verb.</summary>
internal sealed partial class WaysOut(IWaysStore store, Random random, Campaign campaign)
{
    private static readonly string[] Few = ["a", "b", "c"];

    private readonly List<(string Command, string Volume, (string Content, string Labels) State, int Step)> printed = [];
    private readonly List<string> done = [];
    private int step;

    /// <summary>How many ways back were open.</summary>
    public int Returned { get; private set; }

    /// <summary>One sequence of so many verbs, and then every way back that is still open.</summary>
    public void Run(int steps)
    {
        done.Clear();
        for (var end = step + steps; step < end; step++)
        {
            Next();
        }

        while (printed.Count > 0)
        {
            Return();
        }

        _ = store.Run("prune", "--deleted", "-y").Ok();
        campaign.Count("sequences");
    }

    private void Next()
    {
        var name = Few[random.Next(Few.Length)];
        if (!store.Has(name))
        {
            Do("create", name);
            return;
        }

        switch (random.Next(9))
        {
            case 0:
                Printed(name, "rm", "-f", "-v", name);
                break;
            case 1:
                Printed(name, "rename", "-v", name, Few[random.Next(Few.Length)]);
                break;
            case 2:
                Printed(name, "set", "-v", name, $"label.l{random.Next(3)}={step}");
                break;
            case 3:
                Do("snapshot", $"{name}@{step}");
                break;
            case 4 or 5 when store.Run("ls", "-t", "snapshot", "-q", name).Ok().Lines is { Length: > 0 } all:
                Printed(name, "rollback", "-r", "-v", all[random.Next(all.Length)]);
                break;
            case 6 when printed.Count > 0:
                Return();
                break;
            default:
                done.Add($"write {name}");
                store.Write(name, step % 4, step);
                break;
        }
    }

    private Result Do(params string[] arguments)
    {
        done.Add(string.Join(' ', arguments));
        campaign.Count("verbs");
        var result = store.Run(arguments);
        campaign.CheckEnd(result, Done);
        return result;
    }

    private void Printed(string name, params string[] arguments)
    {
        var before = store.StateOf(name);
        var result = Do(arguments);
        if (result.Exit == 0 && result.Err.Split('\n').LastOrDefault(l => Command().IsMatch(l)) is { } line)
        {
            printed.Add((Command().Match(line).Groups[1].Value, name, before, done.Count));
        }
    }

    // Undone at once, each brings back exactly what there was; later something newer may be there, and is named.
    private void Return()
    {
        var at = random.Next(2) == 0 ? printed.Count - 1 : random.Next(printed.Count);
        var (command, volume, state, step) = printed[at];
        printed.RemoveAt(at);
        var isAtOnce = step == done.Count;
        done.Add(command);
        var result = store.Shell("kvol() { \"$KVOL\" \"$@\"; }; " + command);
        if (result.Exit != 0)
        {
            campaign.Count("overtaken");
            if (result.Exit is not (66 or 73 or 75) || isAtOnce || !result.Err.StartsWith("kvol: ", StringComparison.Ordinal))
            {
                campaign.Wrong($"a way back is refused with {result.Exit}: {Campaign.Short(result.Err)}", Done);
            }

            return;
        }

        campaign.Count("ways back");
        Returned++;
        if (!store.Has(volume))
        {
            campaign.Wrong(Bad.LostVolume, $"no {volume} after the way back", Done);
            return;
        }

        var now = store.StateOf(volume);
        if ((isAtOnce || command.Contains("undelete", StringComparison.Ordinal)) && now.Content != state.Content)
        {
            campaign.Wrong(Bad.LostVolume, $"{volume} had {state.Content} and came back with {now.Content}", Done);
        }

        if (isAtOnce && now.Labels != state.Labels)
        {
            campaign.Wrong($"{volume} had {state.Labels} and came back with {now.Labels}", Done);
        }
    }

    private string Done => string.Join("; ", done);

    [GeneratedRegex("^kvol: .*?: (kvol .*)$")]
    private static partial Regex Command();
}
