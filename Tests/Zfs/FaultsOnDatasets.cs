using System;
using System.IO;
using System.Linq;
using System.Runtime.CompilerServices;
using Kvol.Tests.Support;
using Kvol.Tests.Torture;
using Xunit;

namespace Kvol.Tests.Zfs;

/// <summary>What Torture/Faults does on a directory, on a ZFS store: calls fail and kvol is killed at them, in the test machine
/// (faults.sh).</summary>
[Trait("System", "Linux")]
[Trait("Needs", "Machine")]
public class FaultsOnDatasets(ITestOutputHelper output)
{
    /// <summary>Cases of one command in the machine: it is emulated, and slow.</summary>
    private const int Batch = 10;

    private static readonly string[] Scenarios =
    [
        "create", "mount-new", "attach", "seed", "mount-existing", "umount", "detach", "rm", "rm-f", "rm-keep", "gc", "rename", "clone",
            "snapshot", "snapshot-group", "rollback", "rollback-group", "rm-snapshot", "prune", "set", "export", "ls",
    ];

    private readonly Campaign campaign = new(output, "faults on ZFS");

    [Fact]
    public void A_call_that_fails_or_a_kill_in_its_place_loses_nothing_and_the_next_command_heals()
    {
        var (errors, kills) = ((int)Campaign.Size("ZFS_ERRORS", 5), (int)Campaign.Size("ZFS_KILLS", 3));
        var random = new Random(Campaign.Seed);
        using var box = new ZfsBox();
        box.Fill("/srv", files: 8);
        Guest.Current.Put(Campaign.BuildLibrary("faults"), box.Top + "/faults.so");
        Guest.Current.Put(Script(), box.Top + "/faults.sh");
        // The short run looks at a few verbs, which need not be the same for each seed.
        var only = Environment.GetEnvironmentVariable("KVOL_TORTURE_SCENARIO");
        var scenarios = Scenarios.Where(s => only is null
            || s == only).OrderBy(_ => random.Next()).Take(Math.Max(3, (errors + kills) / 8)).ToArray();
        var cases = scenarios.SelectMany(s => Calls(box, s)).ToArray();
        random.Shuffle(cases);
        var chosen = cases.Where(c =>
            !c.EndsWith(":0", StringComparison.Ordinal)).Take(errors).Concat(cases.Where(c =>
            c.EndsWith(":0", StringComparison.Ordinal)).Take(kills)).ToArray();
        foreach (var (done, batch) in chosen.Chunk(Batch).Index())
        {
            output.WriteLine($"{done * Batch} of {chosen.Length} cases");
            foreach (var line in box.Shell($"bash $T/faults.sh try {string.Join(' ', batch)} 2>&1", seconds: 1800).Ok().Lines)
            {
                var fields = line.Split('\t', 3);
                campaign.Wrong(fields.Length == 3 && Enum.TryParse<Bad>(fields[0], out var kind) ? kind
                    : Bad.Other, fields[^1], string.Join(' ', fields[..^1]));
            }

            campaign.Count("kills", batch.Count(c => c.EndsWith(":0", StringComparison.Ordinal)));
            campaign.Count("errors", batch.Count(c => !c.EndsWith(":0", StringComparison.Ordinal)));
        }

        campaign.End();
    }

    /// <summary>The cases of a scenario, SCENARIO:CALL:ERRNO each, errno 0 being the kill.</summary>
    private static string[] Calls(ZfsBox box, string scenario)
    {
        var calls = box.Shell($"bash $T/faults.sh calls {scenario}").Ok().Lines;
        Assert.True(calls.Length > 10,
            $"{scenario}: the injector saw nothing: it needs the native executable of build.sh\n{string.Join('\n', calls)}");
        return [.. calls.SelectMany((call, i) => call.Split(' ')[1].Split(',').Append("0").Select(errno => $"{scenario}:{i + 1}:{errno}"))];
    }

    private static string Script([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "faults.sh");
}
