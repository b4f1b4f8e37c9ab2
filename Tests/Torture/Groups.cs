using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests.Torture;

/// <summary>Kills kvol at a random call while it takes a group of snapshots or rolls one back, on a directory store: no group is there in
/// part.</summary>
[Trait("System", "Linux")]
public class Groups(ITestOutputHelper output)
{
    private static readonly string[] Names = ["db", "log", "web"];

    private readonly Campaign campaign = new(output, "groups");
    private readonly Dictionary<string, string> faults = new() { ["LD_PRELOAD"] = Campaign.BuildLibrary("faults") };

    [Fact]
    public void Killed_at_random_calls_no_group_is_there_in_part()
    {
        var random = new Random(Campaign.Seed);
        using var box = new Box("xfs");
        foreach (var name in Names)
        {
            box.Run("create", name).Ok();
        }

        Write(box, "old");
        var group = Take(box, "old");
        var takes = Calls(box, ["snapshot", "--name", "s", .. Names]);
        _ = Delete(box, "s");
        var rollbacks = Calls(box, ["rollback", "--group", group]);
        for (var n = Campaign.Size("GROUP_KILLS", 20); n > 0; n--)
        {
            if (n % 2 == 0)
            {
                KillSnapshot(box, Call(takes));
            }
            else
            {
                KillRollback(box, group, Call(rollbacks));
            }
        }

        campaign.End();

        // Most calls prepare and check. The changes that matter are among the last, so every second kill is there.
        int Call(int calls) => random.Next(random.Next(2) == 0 ? 1 : calls - (calls / 8), calls + 1);
    }

    private void KillSnapshot(Box box, int at)
    {
        Kill(box, at, ["snapshot", "--name", "s", .. Names]);
        var seen = Snapshots(box, "s"); // nothing has healed yet
        box.Run("gc").Ok();
        Judge(seen is 0 or 3 && Snapshots(box, "s") == seen, seen == 0 ? "none taken" : "all taken",
            $"{seen} of 3 snapshots, {Snapshots(box, "s")} after gc: kill {at} of snapshot");
        _ = Delete(box, "s");
    }

    private void KillRollback(Box box, string group, int at)
    {
        Write(box, "new");
        box.Run("snapshot", "web@newer").Ok();
        Kill(box, at, ["rollback", "-r", "--group", group]);
        var listed = Snapshots(box, "newer");
        box.Run("gc").Ok();
        var now = Names.Select(n => File.ReadAllText(box.Data(n) + "/f")).Distinct().ToArray();
        Judge(now is [var one] && listed == (one == "new" ? 1 : 0), now[0] == "new" ? "none rolled back" : "all rolled back",
            $"{string.Join(' ', now)}, {listed} newer: kill {at} of rollback");
        _ = Delete(box, "newer");
    }

    private void Judge(bool isWhole, string outcome, string after)
    {
        campaign.Count("kills");
        campaign.Count(isWhole ? outcome : "groups in part");
        if (!isWhole)
        {
            campaign.Wrong("a group in part", after);
        }
    }

    private void Kill(Box box, int at, string[] arguments)
    {
        var result = Run(box, arguments, ("KVOL_FAULT_AT", $"{at}"), ("KVOL_FAULT_ERRNO", "0"));
        campaign.CheckEnd(result, $"kill {at} of {arguments[0]}", 9);
    }

    /// <summary>How many calls a command makes.</summary>
    private int Calls(Box box, string[] arguments)
    {
        var log = box.Top + "/calls";
        Run(box, arguments, ("KVOL_FAULT_LOG", log)).Ok();
        var calls = File.ReadLines(log).Count();
        Assert.True(calls > 10, "the injector saw nothing: it needs the native executable of build.sh");
        return calls;
    }

    private Result Run(Box box, string[] arguments, params (string Name, string Value)[] more)
    {
        var environment = new Dictionary<string, string>(box.Environment);
        foreach (var (name, value) in faults.Select(f => (f.Key, f.Value)).Concat(more))
        {
            environment[name] = value;
        }

        using var child = new Running(Box.Binary, arguments, environment, box.Top);
        return child.Wait(Campaign.Patience);
    }

    private static string Take(Box box, string name) => JsonDocument
        .Parse(box.Run(["snapshot", "--json", "--name", name, .. Names]).Ok().Out).RootElement[0].GetProperty("group").GetString()!;

    private static int Snapshots(Box box, string name) =>
        box.Run("ls", "-t", "snapshot", "-q").Ok().Lines.Count(l => l.EndsWith("@" + name, StringComparison.Ordinal));

    private static Result[] Delete(Box box, string name) => [.. Names.Select(n => box.Run("rm", $"{n}@{name}"))];

    private static void Write(Box box, string text)
    {
        foreach (var name in Names)
        {
            File.WriteAllText(box.Data(name) + "/f", text);
        }
    }
}
