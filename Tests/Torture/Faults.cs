using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests.Torture;

/// <summary>Makes each call of a verb fail once with each errno that fits, and kills kvol there once. KVOL_TORTURE_CASE=SCENARIO:CALL:ERRNO
/// runs one case (errno 0 is the kill), KVOL_TORTURE_SCENARIO one scenario.</summary>
[Trait("System", "Linux")]
public class Faults(ITestOutputHelper output)
{
    /// <summary>Errnos that mean "this file system cannot": kvol reports what could not be kept, and continues.</summary>
    private static readonly int[] Cannot = [1, 7, 22, 31, 34, 36, 61, 95];

    private readonly Campaign campaign = new(output, "faults");
    private readonly string library = Campaign.BuildLibrary("faults");

    private sealed record Case(Scenario Scenario, int At, int Errno, string Call);

    private sealed record Golden(IReadOnlyList<(string Call, int[] Errnos)> Calls, int Again, SortedDictionary<string, string> After,
        SortedDictionary<string, string> End, HashSet<string> Skeleton);

    [Fact]
    public void A_call_that_fails_or_a_kill_in_its_place_loses_nothing_and_the_next_command_heals()
    {
        var only = Environment.GetEnvironmentVariable("KVOL_TORTURE_CASE")?.Split(':');
        var scenario = only?[0] ?? Environment.GetEnvironmentVariable("KVOL_TORTURE_SCENARIO");
        var random = new Random(Campaign.Seed);
        // Processes share the long run, each with its own mount table: mounts of others would change which call is the Nth.
        long share = Campaign.Size("SHARE", 0), shares = Campaign.Size("SHARES", 1);
        long errors = Campaign.Size("ERRORS", 150) / shares, kills = Campaign.Size("KILLS", 75) / shares;
        // The remaining numbers are used on the next file system, where other calls are made.
        foreach (var type in new[] { "xfs", "btrfs", "ext4" })
        {
            using var world = new World(type);
            var golden = Scenario.All.Where(s => (scenario is null || s.Name == scenario) && !(s.Clones && type == "ext4"))
                .ToDictionary(s => s, s => Run(world, s));
            var cases = golden.SelectMany(g =>
                g.Value.Calls.SelectMany((c, i) => c.Errnos.Append(0).Select(e => new Case(g.Key, i + 1, e, c.Call)))).ToArray();
            if (only is not null)
            {
                Try(world, golden[Scenario.All.First(s => s.Name == only[0])],
                    cases.First(c => c.At == int.Parse(only[1]) && c.Errno == int.Parse(only[2])));
                break;
            }

            random.Shuffle(cases);
            cases = [.. cases.Where((_, i) => i % shares == share)];
            foreach (var one in cases.Where(c =>
                c.Errno != 0).Take((int)errors).Concat(cases.Where(c => c.Errno == 0).Take((int)kills)).OrderBy(c =>
                c.Scenario.Name, StringComparer.Ordinal).ThenBy(c => c.At))
            {
                Try(world, golden[one.Scenario], one);
                campaign.Count(one.Errno == 0 ? "kills" : "errors");
                (errors, kills) = one.Errno == 0 ? (errors, kills - 1) : (errors - 1, kills);
            }

            if (errors <= 0 && kills <= 0)
            {
                break;
            }
        }

        campaign.End();
    }

    [Fact]
    public void Every_call_of_kvol_can_be_made_to_fail()
    {
        var top = SourceTree.Top;
        var known = Regex.Matches(File.ReadAllText(Path.Combine(top, "Tests/Torture/faults.c")), @"^(?:CALL|CALL_AFTER)\((\w+),",
            RegexOptions.Multiline).Select(m => m.Groups[1].Value);
        // Calls that cannot fail, or whose failure would mean a different environment: for an open descriptor, the process's ids, user and
        // group names.
        string[] unfailing = ["syscall", "fcntl", "geteuid", "getegid", "getppid", "umask", "strlen", "memcpy", "signal",
            "getpwnam", "getgrnam"];
        var called = Directory.EnumerateFiles(Path.Combine(top, "Native/Linux"), "Libc*.cs")
            .Concat(Directory.EnumerateFiles(Path.Combine(top, "Native/Posix"), "Libc*.cs"))
            .SelectMany(f => Regex.Matches(
                File.ReadAllText(f),
                @"\[LibraryImport\(Name(?:, EntryPoint = ""(\w+)"")?[^\]]*\]\s+\w+ static (?:unsafe )?partial \S+ (\w+)\("))
            .Select(m => m.Groups[m.Groups[1].Success ? 1 : 2].Value).ToArray();
        Assert.True(called.Length > 20, $"only {called.Length} calls were found");
        Assert.Empty(called.Distinct().Except(known).Except(unfailing));
    }

    /// <summary>Runs the scenario without a fault, twice as in each case, as the reference for the runs with faults.</summary>
    private Golden Run(World world, Scenario s)
    {
        if (!world.Has(s.Template))
        {
            world.Reset("");
            foreach (var command in s.Made)
            {
                world.Run(command).Ok();
            }

            world.Save(s.Template);
        }

        var log = Path.GetTempFileName();
        Prepare(world, s);
        world.Run(s.Command, new Dictionary<string, string> { ["LD_PRELOAD"] = library, ["KVOL_FAULT_LOG"] = log }).Ok();
        var calls = File.ReadLines(log).Select(l => l.Split(' ', 3))
            .Select(f => ($"{f[0]} {f.ElementAtOrDefault(2)}", f[1].Split(',').Select(int.Parse).ToArray())).ToArray();
        File.Delete(log);
        Assert.True(calls.Length > 10, "the injector saw nothing: it needs the native executable of build.sh");
        var after = world.Volumes();
        var again = world.Run(s.Command).Exit;
        world.Run(["umount", "$T/jail"]).Ok();
        world.Run(["gc"]).Ok();
        return new Golden(calls, again, after, world.Volumes(), world.Skeleton());
    }

    private static void Prepare(World world, Scenario s)
    {
        world.Reset(s.Template);
        foreach (var command in s.Before)
        {
            world.Run(command).Ok();
        }
    }

    private void Try(World world, Golden golden, Case one)
    {
        var s = one.Scenario;
        var name = $"KVOL_TORTURE_CASE={s.Name}:{one.At}:{one.Errno} ({one.Call.Trim()})";
        Prepare(world, s);
        var mounted = world.Mounts.Count;
        using var command = world.Start(s.Command, new Dictionary<string,
            string>(Campaign.Measured(library)) { ["KVOL_FAULT_AT"] = one.At.ToString(), ["KVOL_FAULT_ERRNO"] = one.Errno.ToString() });
        if (campaign.Wait(command, name) is not { } result)
        {
            return;
        }

        // Members of an archive that were skipped cause exit status 1.
        var told = (result.Exit == 0 && result.Err.Length > 0 && Cannot.Contains(one.Errno))
            || (result.Exit == 1 && result.Err.Contains(": not taken: ", StringComparison.Ordinal));
        campaign.CheckEnd(result, name, one.Errno == 0 ? 9 : 0);
        name += $" exit {result.Exit} {Campaign.Short(result.Err)}";
        if (one.Errno != 0 && result.Exit != 0 && s.AllOrNothing)
        {
            if (world.Mounts.Count != mounted)
            {
                campaign.Wrong(Bad.Other, "a mount is left after an error", name);
            }
            else if (world.JailNow() != world.Jail)
            {
                campaign.Wrong(Bad.Litter, "a mount point is left after an error", name);
            }
        }

        Contents(world, golden, one, result, told, name);
        Heal(world, golden, s, told, name);
    }

    private void Contents(World world, Golden golden, Case one, Result result, bool told, string name)
    {
        var now = world.Volumes();
        foreach (var (volume, content) in now.Where(v => v.Value.StartsWith("partial", StringComparison.Ordinal)))
        {
            var seeding = !volume.Contains('@', StringComparison.Ordinal) && world.Run(["inspect", volume]) is { Exit: 0 } i
                && Regex.IsMatch(i.Out, "\"state\": *\"seeding\"");
            if (!told && !seeding)
            {
                campaign.Wrong(Bad.PartialVolume, $"volume {volume} is {content}", name);
            }
        }

        if (result.Exit == 0 && !told && !now.SequenceEqual(golden.After))
        {
            campaign.Wrong(Bad.Other, $"exit 0, but it is not done ({Difference(golden.After, now)})", name);
        }
    }

    /// <summary>Repeats the command and then cleans up as an administrator would: nothing of the fault may be left.</summary>
    private void Heal(World world, Golden golden, Scenario s, bool told, string name)
    {
        var again = world.Run(s.Command);
        if (again.Exit != 0 && again.Exit != golden.Again)
        {
            campaign.Wrong(Bad.Other, $"the next command does not heal (exit {again.Exit}: {Campaign.Short(again.Err)})", name);
        }

        string[][] clean = [["umount", "$T/jail"], ["gc"], ["ls", "-q"]];
        foreach (var command in clean)
        {
            if (world.Run(command) is { Exit: not 0 } failed)
            {
                campaign.Wrong(Bad.Other, $"{command[0]} fails afterwards (exit {failed.Exit}: {Campaign.Short(failed.Err)})", name);
            }
        }

        if (world.Mounts.Count > 0)
        {
            campaign.Wrong(Bad.Litter, $"mounts are left after umount: {string.Join(' ', world.Mounts.Select(m => m.Target))}", name);
        }
        else if (world.JailNow() != world.Jail)
        {
            campaign.Wrong(Bad.Litter, "mount points are left after umount", name);
        }

        // Only now does no mount cover it.
        if (world.Mounts.Count == 0 && world.Content(world.Root + "/srv") is not "complete" and var found)
        {
            campaign.Wrong(Bad.ChangedSource, $"the source was changed ({found})", name);
        }

        var end = world.Volumes();
        if (!told && !end.SequenceEqual(golden.End))
        {
            campaign.Wrong(golden.End.Keys.Except(end.Keys).Any() ? Bad.LostVolume
                : Bad.Other, $"the healed volumes are others ({Difference(golden.End, end)})", name);
        }

        var litter = world.Skeleton().Except(golden.Skeleton).Where(p => !p.Contains("/locks", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal).Take(4).ToArray();
        if (litter.Length > 0)
        {
            campaign.Wrong(Bad.Litter, $"litter after gc: {string.Join(' ', litter)}", name);
        }
    }

    private static string Difference(IReadOnlyDictionary<string, string> expected, IReadOnlyDictionary<string, string> found) =>
        string.Join(", ", expected.Keys.Union(found.Keys)
            .Where(k => expected.GetValueOrDefault(k, "absent") != found.GetValueOrDefault(k, "absent"))
            .Select(k => $"{k}: {expected.GetValueOrDefault(k, "absent")} expected, {found.GetValueOrDefault(k, "absent")} found"));
}
