using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Kvol.Storage.Base;
using Kvol.Storage.Stores;
using Kvol.Storage.Values;

namespace Kvol.Storage.Verbs;

/// <summary>What <c>doctor</c> says of policies: those that cannot work, and those that nothing executes.</summary>
internal static class PolicyCheck
{
    private const int MostNamed = 8;

    public static IReadOnlyList<Finding> Of(Configuration configuration, IVolumeStore? store, IEnumerable<Volume> volumes)
    {
        var findings = new List<Finding>();
        var overdue = new List<string>();
        var now = DateTimeOffset.UtcNow;
        var count = 0;
        foreach (var volume in volumes)
        {
            try
            {
                if (Policies.InForce(configuration, volume) is not { } policy)
                {
                    continue;
                }

                count++;
                if (PolicyRule.Overdue(policy, store!.Snapshots(volume.Name), volume.Created, now) is [var period, ..])
                {
                    overdue.Add($"{volume.Name} ({period})");
                }
            }
            catch (KvolException e)
            {
                findings.Add(new Finding($"volume {volume.Name}", false, e.Reason));
            }
            catch (IOException)
            {
                // removed by another command, or broken: the list of volumes says that
            }
        }

        if (count > 0 && Policies.Obstacle(store!) is { } reason)
        {
            findings.Add(new Finding("policies", false, reason));
        }
        else if (overdue.Count > 0)
        {
            findings.Add(new Finding("policies", false,
                $"the last snapshot is older than twice the period: {string.Join(", ", overdue.Take(MostNamed))}"
                + (overdue.Count > MostNamed ? $" and {overdue.Count - MostNamed} more" : "")
                + "; let cron(8) run 'kvol snapshot --due' every hour, and see what it says: kvol snapshot --due"));
        }
        else if (count > 0)
        {
            findings.Add(new Finding("policies", true, $"the snapshots of {count} volume{(count == 1 ? "" : "s")} are up to date"));
        }

        return findings;
    }
}
