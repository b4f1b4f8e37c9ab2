using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Kvol.Storage.Values;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests.Torture;

/// <summary>Eight workers run random commands on the same volumes and root directories; one command in six is sent a signal. At each pause,
/// a model says which volumes must exist and which must hold something: those that a successful command made or filled after all commands
/// that could undo it had ended.</summary>
[Trait("System", "Linux")]
public class Stress(ITestOutputHelper output)
{
    private const int Workers = 8;

    private readonly Campaign campaign = new(output, "stress");
    private readonly List<Event> events = [];
    private long clock;
    private int commandsLeft;

    /// <summary>What a finished command did, or may have done, to a volume.</summary>
    private enum Effect
    {
        Made, Filled, MayRemove, MayEmpty,
    }

    private sealed record Event(Effect Effect, string Volume, long Start, long End, string Command);

    /// <summary>One command and its effect, which is certain only if it succeeds.</summary>
    private sealed record Command(string[] Words)
    {
        public string[] Makes { get; init; } = [];

        public string[] Fills { get; init; } = [];

        public string[] MayRemove { get; init; } = [];

        public string[] MayEmpty { get; init; } = [];
    }

    [Fact]
    public void Whatever_runs_at_once_and_is_killed_no_volume_is_lost_or_in_part_and_gc_leaves_no_litter()
    {
        var all = (int)Campaign.Size("COMMANDS", 240);
        using var world = new StressWorld(campaign);
        var random = new Random(Campaign.Seed);
        var generators = Enumerable.Range(0, Workers).Select(_ => new Random(random.Next())).ToArray();
        Remember(world.LookWhenQuiet());
        for (var done = 0; done < all;)
        {
            var now = Math.Min(all - done, Math.Max(120, all / 50));
            commandsLeft = now;
            var threads = generators.Select(g => new Thread(() => Work(world, g))).ToArray();
            Array.ForEach(threads, t => t.Start());
            Array.ForEach(threads, t => t.Join());
            done += now;
            campaign.Count("pauses");
            var contents = world.LookWhenQuiet();
            Compare(contents);
            Remember(contents);
            if (random.Next(2) == 0 || done >= all)
            {
                world.Clear();
            }
        }

        campaign.End();
    }

    private void Work(StressWorld world, Random random)
    {
        while (Interlocked.Decrement(ref commandsLeft) >= 0)
        {
            var command = Choose(world, random);
            var signal = random.Next(6) == 0 ? new[] { 2, 15, 9 }[random.Next(3)] : 0;
            var text = string.Join(' ', command.Words).Replace(world.Box.Top, "$T", StringComparison.Ordinal)
                + (signal == 0 ? "" : $" with signal {signal}");
            var start = Interlocked.Increment(ref clock);
            using var process = world.Box.Start(command.Words);
            if (signal != 0)
            {
                Thread.Sleep(random.Next(60));
                process.Signal(signal);
                campaign.Count(signal == 9 ? "kills" : "signals");
            }

            var result = campaign.Wait(process, text);
            if (result is null)
            {
                return;
            }

            campaign.Count("commands");
            campaign.Count(result.Exit == 0 ? "exit 0" : result.Exit > 128 ? "ended by a signal" : "refused");
            campaign.CheckEnd(result, text, signal);
            Note(command, result.Exit == 0, start, text + $" (exit {result.Exit})");
        }
    }

    private void Note(Command command, bool succeeded, long start, string text)
    {
        lock (events)
        {
            var end = Interlocked.Increment(ref clock);
            events.AddRange(command.MayRemove.Select(v => new Event(Effect.MayRemove, v, start, end, text)));
            events.AddRange(command.MayEmpty.Select(v => new Event(Effect.MayEmpty, v, start, end, text)));
            if (succeeded)
            {
                events.AddRange(command.Makes.Select(v => new Event(Effect.Made, v, start, end, text)));
                events.AddRange(command.Fills.Select(v => new Event(Effect.Filled, v, start, end, text)));
            }
        }
    }

    private void Remember(SortedDictionary<string, string> contents)
    {
        events.Clear();
        var now = ++clock;
        // Any prune may remove a volume that was created without a name.
        foreach (var (name, content) in contents.Where(c => StressWorld.Names.Contains(c.Key) || StressWorld.Precious.Contains(c.Key)))
        {
            events.Add(new Event(content == "empty" ? Effect.Made : Effect.Filled, name, now, now, "it was there at the pause before"));
        }
    }

    private void Compare(SortedDictionary<string, string> contents)
    {
        foreach (var made in events.Where(e => e.Effect is Effect.Made or Effect.Filled))
        {
            if (!contents.TryGetValue(made.Volume, out var content))
            {
                if (!events.Any(e => e.Effect == Effect.MayRemove && e.Volume == made.Volume && e.End > made.Start))
                {
                    campaign.Wrong(Bad.LostVolume, made.Volume, $"{made.Command}; nothing removed it after that");
                }
            }
            else if (content == "empty" && made.Effect == Effect.Filled
                && !events.Any(e => e.Effect is Effect.MayRemove or Effect.MayEmpty && e.Volume == made.Volume && e.End > made.Start))
            {
                campaign.Wrong(Bad.LostVolume, $"{made.Volume} is empty", $"{made.Command}; nothing emptied it after that");
            }
        }
    }

    private static Command Choose(StressWorld world, Random random)
    {
        string Any(string[] of) => of[random.Next(of.Length)];
        var (v, w) = (Any(StressWorld.Names), Any(StressWorld.Names));
        var either = random.Next(4) == 0 ? Any(StressWorld.Precious) : v;
        var number = random.Next(StressWorld.RootCount);
        var (root, jail, snapshot) = (world.Root(number), $"j{number}", $"{either}@s{random.Next(3)}");
        // An archive stays whole while it is being replaced.
        var archive = $"{world.Box.Top}/archives/a{random.Next(4)}.tar";
        string[] everything = [.. StressWorld.Names];
        Command Mounting(params string[] words) =>
            new(words) { Makes = [.. words.Where(s => s.Contains(":/", StringComparison.Ordinal)
            && !s.StartsWith('/')).Select(s => s.Split(':')[0])] };
        return random.Next(100) switch
        {
            < 5 => new(["create", v]) { Makes = [v] },
            < 7 => new(["create"]),
            < 11 => new(["rm", v]) { MayRemove = [v] },
            < 14 => new(["rm", "-f", v]) { MayRemove = [v] },
            < 16 => new(["rm", "--keep", "0", v]) { MayRemove = [v] },
            < 23 => Mounting("mount", root, $"{either}:/srv") with { Fills = [either] },
            < 27 => Mounting("mount", root, $"{either}:/new/deep:ro", $"{world.Box.Top}/file:/etc/file"),
            < 30 => Mounting("mount", root, $"{either}:/other", $"{w}:/new/here:ro"),
            < 38 => Mounting("attach", jail, root, $"{either}:/srv", $"{w}:/data/{w}:ro") with { Fills = [either] },
            < 45 => new(["umount", root]),
            < 49 => new(["umount", root, "/srv"]),
            < 56 => random.Next(2) == 0 ? new(["detach", jail]) : new(["detach", jail, root]),
            < 60 => new(["snapshot", snapshot]),
            < 62 => new(["rm", snapshot]),
            < 66 => new(["rollback", $"{v}@s{random.Next(3)}", "-r"]) { MayEmpty = [v] },
            < 70 => new(["clone", random.Next(2) == 0 ? either : snapshot, w]) { Makes = [w] },
            < 74 => new(["rename", v, w]) { Makes = [w], MayRemove = [v] },
            < 78 => new(["export", either, "-o", archive]),
            < 82 => new(["import", v, archive]) { Makes = [v] },
            < 86 => new(["seed", v, root + "/srv"]) { Makes = [v], Fills = [v] },
            < 88 => new(["set", either, $"label.a={random.Next(9)}"]),
            < 90 => new(["prune", "-y"]),
            < 91 => new(["prune", "-y", "--all"]) { MayRemove = everything },
            < 94 => new(["gc"]),
            < 95 => new(["ls"]),
            < 97 => new(["inspect", either]),
            < 98 => new(["df"]),
            _ => new(["mounts", "--json"]),
        };
    }
}
