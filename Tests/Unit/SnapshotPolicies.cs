using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Kvol.Storage.Values;
using Xunit;

namespace Kvol.Tests.Unit;

/// <summary>Policies of snapshots: their texts, the names of the snapshots, and what is due and in excess.</summary>
public class SnapshotPolicies
{
    private static readonly VolumeName V = VolumeName.Parse("v");

    [Theory]
    [InlineData("hourly:24,daily:7,weekly:4", "hourly:24,daily:7,weekly:4")]
    [InlineData("yearly:1,15min:9999,monthly:12", "15min:9999,monthly:12,yearly:1")]
    [InlineData("attach:3", "attach:3")]
    [InlineData("daily:007", "daily:7")]
    [InlineData("none", "none")]
    [InlineData("", "")]
    [InlineData("-", "")]
    public void A_policy_is_kept_in_one_spelling(string text, string kept) => Assert.Equal(kept, SnapshotPolicy.ParseValue(text));

    [Theory]
    [InlineData("minutely:5", "minutely is not a period; known: 15min hourly daily weekly monthly yearly attach")]
    [InlineData("Hourly:5", "Hourly is not a period")]
    [InlineData("hourly", "hourly: hourly needs a number from 1 to 9999, as in hourly:7")]
    [InlineData("hourly:0", "leave hourly out to take none")]
    [InlineData("hourly:-1", "needs a number")]
    [InlineData("hourly:1000000000", "from 1 to 9999")]
    [InlineData("hourly:99999999999999999999", "from 1 to 9999")]
    [InlineData("hourly:1.5", "needs a number")]
    [InlineData("hourly: 5", "needs a number")]
    [InlineData("hourly:5,hourly:6", "hourly is given twice")]
    [InlineData("hourly:5,", "'' is not a period")]
    [InlineData("none,hourly:5", "none is not a period")]
    public void A_wrong_policy_is_64_and_says_what_is_right(string text, string reason)
    {
        var failure = Assert.Throws<KvolException>(() => SnapshotPolicy.ParseValue(text));
        Assert.Equal(ExitStatus.Usage, failure.Status);
        Assert.Contains(reason, failure.Message);
    }

    [Theory]
    [InlineData("15min", "kvol-15min-2026-11-27-2107Z")]
    [InlineData("hourly", "kvol-hourly-2026-11-27-2107Z")]
    [InlineData("yearly", "kvol-yearly-2026-11-27-2107Z")]
    [InlineData("attach", "attach-2026-11-27-2107Z")]
    public void A_name_says_policy_and_time(string word, string name)
    {
        var time = new DateTimeOffset(2026, 11, 27, 22, 7, 59, TimeSpan.FromHours(1));
        Assert.Equal(name, SnapshotPeriod.Find(word)!.NameAt(time));
        var said = SnapshotPeriod.TryParse(name)!.Value;
        Assert.Equal((word, new DateTimeOffset(2026, 11, 27, 21, 7, 0, default)), (said.Period.Word, said.Time));
        Assert.Equal(word == "attach", SnapshotPeriod.TryParse(name + "-2") is not null);
    }

    [Theory]
    [InlineData("hourly-2026-11-27-2107Z")]
    [InlineData("kvol-hourly-2026-11-27-2107Z-2")]
    [InlineData("attach-2026-11-27-2107Z-")]
    [InlineData("attach-2026-11-27-2107Z-x")]
    [InlineData("kvol-hourly-2026-11-27-2107")]
    [InlineData("kvol-hourly-2026-11-27-2107Z2")]
    [InlineData("kvol-hourly-2026-11-31-2107Z")]
    [InlineData("kvol-hourly-2026-11-27-2460Z")]
    [InlineData("kvol-hourly-2026-1-27-2107Z")]
    [InlineData("kvol-fortnightly-2026-11-27-2107Z")]
    [InlineData("autosnap_2026-11-27_21:00:01_hourly")]
    [InlineData("hourly-2026-11-27-21")]
    [InlineData("zfs-auto-snap_hourly-2026-11-27-2107")]
    [InlineData("before-update")]
    public void No_other_name_counts(string name) => Assert.Null(SnapshotPeriod.TryParse(name));

    [Theory]
    [InlineData("15min", "2026-11-27T21:14:59", "2026-11-27T21:15:00")]
    [InlineData("hourly", "2026-11-27T21:59:59", "2026-11-27T22:00:00")]
    [InlineData("daily", "2026-11-27T23:59:59", "2026-11-28T00:00:00")]
    [InlineData("weekly", "2026-11-29T23:59:59", "2026-11-30T00:00:00")] // a Monday
    [InlineData("monthly", "2026-11-30T23:59:59", "2026-12-01T00:00:00")]
    [InlineData("yearly", "2026-12-31T23:59:59", "2027-01-01T00:00:00")]
    public void A_period_ends_where_the_calendar_says(string word, string last, string first)
    {
        var period = SnapshotPeriod.Find(word)!;
        var (before, after) = (At(last), At(first));
        Assert.False(period.Holds(before, after));
        Assert.True(period.Holds(before, before.AddMinutes(-14)));
        Assert.True(period.Holds(after, after.AddMinutes(14)));
    }

    [Fact]
    public void After_a_week_off_one_of_each_period_is_due_and_one_of_each_in_excess()
    {
        var policy = Policy("hourly:2,daily:2,weekly:1");
        var all = new List<SnapshotInfo>();
        foreach (var hour in Enumerable.Range(0, 5))
        {
            Run(all, policy, At("2026-11-10T20:01:00").AddHours(hour));
        }

        Assert.Equal(["kvol-daily-2026-11-10-2001Z", "kvol-weekly-2026-11-10-2001Z", "kvol-hourly-2026-11-10-2301Z",
            "kvol-hourly-2026-11-11-0001Z", "kvol-daily-2026-11-11-0001Z"], all.Select(s => s.Name.Name));
        var (due, excess) = Run(all, policy, At("2026-11-20T12:30:00"));
        Assert.Equal(["hourly", "daily", "weekly"], due.Select(p => p.Word));
        Assert.Equal(["kvol-hourly-2026-11-10-2301Z", "kvol-daily-2026-11-10-2001Z", "kvol-weekly-2026-11-10-2001Z"], excess);
    }

    [Fact]
    public void What_was_named_by_hand_is_held_or_belongs_to_another_policy_stays()
    {
        var now = At("2026-11-27T21:00:00");
        SnapshotInfo[] all =
        [
            Snapshot("kvol-hourly-2026-11-27-1100Z", null), Snapshot("kvol-hourly-2026-11-27-1200Z", "daily"),
            Snapshot("kvol-hourly-2026-11-27-1300Z", "hourly") with { IsInUse = true }, Snapshot("autosnap_2026", "hourly"),
            Snapshot("kvol-daily-2026-11-01-0000Z", "daily"), Snapshot("kvol-daily-2026-11-02-0000Z", "daily"),
            Snapshot("attach-2026-11-02-0000Z", "attach"), Snapshot("attach-2026-11-03-0000Z", "attach"),
            Snapshot("kvol-hourly-2026-11-27-1400Z", "hourly"), Snapshot("kvol-hourly-2026-11-27-2059Z", "hourly"),
        ];
        Assert.Equal(["kvol-hourly-2026-11-27-1400Z"], Excess("hourly:1"));
        Assert.Equal(["kvol-daily-2026-11-01-0000Z", "attach-2026-11-02-0000Z"], Excess("daily:1,attach:1"));
        Assert.Empty(Excess("weekly:1"));
        Assert.Empty(Excess("none"));
        Assert.Equal(["weekly"], PolicyRule.Due(Policy("attach:1,weekly:1"), all, now).Select(p => p.Word));
        // A name that someone took is not taken again.
        Assert.Empty(PolicyRule.Due(Policy("hourly:1"), [Snapshot("kvol-hourly-2026-11-27-2100Z", null)], now));

        IEnumerable<string> Excess(string policy) => PolicyRule.Excess(Policy(policy), all, now).Select(s => s.Name.Name);
    }

    [Fact]
    public void The_newest_stays_even_if_the_clock_makes_it_the_oldest()
    {
        SnapshotInfo[] all = [Snapshot("kvol-daily-2026-11-02-0000Z", "daily"), Snapshot("kvol-daily-1970-01-01-0000Z", "daily")];
        Assert.Empty(PolicyRule.Excess(Policy("daily:1"), all, At("2026-11-02T12:00:00")));
    }

    [Fact]
    public void A_policy_is_overdue_when_nothing_was_taken_for_two_periods()
    {
        var now = At("2026-11-27T21:00:00");
        Assert.Equal(["hourly"], Overdue("hourly:1,daily:1,attach:1", now.AddHours(-3)));
        Assert.Empty(Overdue("hourly:1,daily:1", now.AddHours(-2)));
        Assert.Empty(Overdue("hourly:1", now.AddDays(-9), Snapshot("kvol-hourly-2026-11-27-1900Z", "hourly")));
        Assert.Equal(["hourly"], Overdue("hourly:1", now.AddDays(-9), Snapshot("kvol-hourly-2026-11-27-1859Z", "hourly")));
        Assert.Equal(["hourly"], Overdue("hourly:1", now.AddDays(-9), Snapshot("kvol-hourly-2026-11-27-1900Z", null)));

        IEnumerable<string> Overdue(string policy, DateTimeOffset created, params SnapshotInfo[] all) =>
            PolicyRule.Overdue(Policy(policy), all, created, now).Select(p => p.Word);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Whatever_the_clock_does_one_is_taken_few_are_pruned_and_nothing_is_left_for_the_next_run(bool isInOrderOfMaking)
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        for (var round = 0; round < 200; round++)
        {
            var rules = SnapshotPeriod.All.Where(_ => random.Next(2) == 0).ToDictionary(p => p, _ => random.Next(1, 6));
            var policy = Policy(rules.Count == 0 ? "none" : string.Join(',', rules.Select(r => $"{r.Key}:{r.Value}")));
            var now = At("2026-11-27T21:00:00");
            var all = new List<SnapshotInfo>();
            for (var run = 0; run < 60; run++)
            {
                now = Move(now, random);
                if (random.Next(5) == 0)
                {
                    all.Add(Snapshot(random.Next(2) == 0 ? $"by-hand-{run}" : SnapshotPeriod.Attach.NameAt(now),
                        random.Next(2) == 0 ? null : "attach", now));
                }

                all = [.. all.DistinctBy(s => s.Name).Select(s => s with { IsInUse = random.Next(20) == 0 })];
                all = isInOrderOfMaking ? all : [.. all.OrderBy(s => s.Created).ThenBy(s => s.Name.Name, StringComparer.Ordinal)];
                var before = all.ToArray();
                var (due, excess) = Run(all, policy, now);
                var why = $"seed {seed}, round {round}, run {run}";
                Assert.True(due.Distinct().Count() == due.Count && due.All(p => p.IsTimed && rules.ContainsKey(p)), why);
                Assert.True(before.Where(s => excess.Contains(s.Name.Name)).All(s => s is { IsInUse: false, Policy: not null }), why);
                Assert.True(rules.All(r => Count(r.Key, all) >= Math.Min(r.Value, Count(r.Key, before))), why);
                Assert.True(before.Length == 0 || due.Count > 0 || all.Contains(before[^1]), why);
                var (dueAgain, excessAgain) = Run(all, policy, now);
                Assert.True(dueAgain.Count == 0 && excessAgain.Count == 0, why);
            }
        }

        static int Count(SnapshotPeriod period, IEnumerable<SnapshotInfo> all) => all.Count(s => s.Policy == period.Word);
    }

    private static DateTimeOffset Move(DateTimeOffset now, Random random) => random.Next(12) switch
    {
        0 => At("1970-01-01T00:00:30"),
        1 => At("2026-11-27T21:00:00").AddMinutes(random.Next(600)),
        2 => now.AddDays(random.Next(-4000, 4000)),
        3 => now.AddHours(-random.Next(1, 30)),
        _ => now.AddMinutes(random.Next(180)),
    };

    /// <summary>What <c>snapshot --due</c> does: takes what is due, and then prunes.</summary>
    private static (IReadOnlyList<SnapshotPeriod> Due, IReadOnlyList<string> Excess) Run(List<SnapshotInfo> all, SnapshotPolicy policy,
        DateTimeOffset now)
    {
        var due = PolicyRule.Due(policy, all, now);
        all.AddRange(due.Select(p => Snapshot(p.NameAt(now), p.Word, now)));
        var excess = PolicyRule.Excess(policy, all, now);
        all.RemoveAll(excess.Contains);
        return (due, [.. excess.Select(s => s.Name.Name)]);
    }

    private static SnapshotPolicy Policy(string text) => SnapshotPolicy.TryParse(text, out _)!;

    private static SnapshotInfo Snapshot(string name, string? policy, DateTimeOffset created = default) =>
        new(new SnapshotName(V, name), created, null, Policy: policy);

    private static DateTimeOffset At(string text) =>
        DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
}
