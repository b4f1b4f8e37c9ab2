using System;
using System.Globalization;
using System.Linq;
using System.Text;
using Kvol.Storage.Archives;
using Kvol.Storage.Values;
using Kvol.Storage.Verbs;
using Xunit;

namespace Kvol.Tests.Unit;

/// <summary>Where an increment starts: the list of the other side, and the choice among what both sides have.</summary>
public class IncrementStarts
{
    private static readonly VolumeName Web = VolumeName.Parse("web");
    private static readonly SnapshotName Sent = SnapshotName.Parse("web@d");

    // a was pruned and has a bookmark; foreign is a bookmark that another program made of b.
    private static readonly SendPoint[] Points =
    [
        Snapshot("b", 2), Snapshot("c", 3), Snapshot("d", 4), Snapshot("e", 5), Mark("a", 1), Mark("b", 2),
        new("foreign", 2, 20, true, null),
    ];

    [Theory]
    [InlineData("1", "web#kvol-sent-a")]
    [InlineData("1 2", "web@b")]
    [InlineData("3 1 2 99", "web@c")]
    [InlineData("99 1 98", "web#kvol-sent-a")]
    [InlineData("1 5", "web#kvol-sent-a")]
    public void The_newest_that_both_have_and_that_is_older_is_the_start(string theirs, string start) =>
        Assert.Equal(start, IncrementStart.Common(Points, Sent, Other(theirs)).In("web"));

    [Theory]
    [InlineData("", 69, "kvol export --format zfs web@d")]
    [InlineData("5 99", 69, "no snapshot in common")]
    [InlineData("1 4", 73, "nothing is sent")]
    public void Without_one_the_refusal_names_the_way_out(string theirs, int status, string reason)
    {
        var refusal = Assert.Throws<KvolException>(() => IncrementStart.Common(Points, Sent, Other(theirs)));
        Assert.Equal(status, (int)refusal.Status);
        Assert.Contains(reason, refusal.Message);
    }

    [Theory]
    [InlineData("1 2", null)]
    [InlineData("1 2 99", "kvol rollback -r web@b")]
    public void Newer_snapshots_there_are_said_to_be_in_the_way(string theirs, string? obstacle) =>
        Assert.EndsWith(obstacle ?? "", IncrementStart.Obstacle(IncrementStart.Common(Points, Sent, Other(theirs)), Other(theirs)) ?? "");

    [Theory]
    [InlineData("c", "web@c")]
    [InlineData("b", "web@b")]
    [InlineData("a", "web#kvol-sent-a")]
    public void A_name_is_a_snapshot_or_what_is_left_of_one(string name, string start) =>
        Assert.Equal(start, IncrementStart.Named(Points, Sent, new SnapshotName(Web, name)).In("web"));

    [Theory]
    [InlineData("d", 64)]
    [InlineData("e", 64)]
    [InlineData("foreign", 66)]
    [InlineData("x", 66)]
    public void A_name_that_is_no_start_is_refused(string name, int status) => Assert.Equal(status,
        (int)Assert.Throws<KvolException>(() => IncrementStart.Named(Points, Sent, new SnapshotName(Web, name))).Status);

    [Theory]
    [InlineData("[]", "web:")]
    [InlineData(""" [ {"volume":"web","guid":"1","more":{"guid":[{}]}}, {"guid":"18446744073709551615","volume":"web"} ] """,
        "web:1 18446744073709551615")]
    [InlineData("""[{"volume":"copy","guid":"1"}]""", "copy:1")]
    [InlineData("""[{"volume":"a","guid":"1"},{"volume":"web","guid":"2"},{"volume":"z","guid":"3"}]""", "web:2")]
    public void The_list_of_the_other_side_is_read(string json, string expected)
    {
        var read = Read(json);
        Assert.Equal(expected, $"{read.Volume}:{string.Join(' ', read.Guids)}");
    }

    [Theory]
    [InlineData("", 65, "is empty")]
    [InlineData("kvol: web: no such volume", 65, "at byte 0")]
    [InlineData("[", 65, "at byte")]
    [InlineData("{}", 65, "at byte")]
    [InlineData("null", 65, "at byte")]
    [InlineData("[[]]", 65, "at byte")]
    [InlineData("[1]", 65, "at byte")]
    [InlineData("[{}]", 65, "at byte")]
    [InlineData("[]]", 65, "at byte")]
    [InlineData("[][]", 65, "at byte")]
    [InlineData("""[{"volume":"web","guid":"1"}""", 65, "at byte")]
    [InlineData("""[{"volume":"web","guid":1}]""", 65, "at byte")]
    [InlineData("""[{"volume":"web","guid":["1"]}]""", 65, "at byte")]
    [InlineData("""[{"volume":"web","guid":"-1"}]""", 65, "at byte")]
    [InlineData("""[{"volume":"web","guid":"18446744073709551616"}]""", 65, "at byte")]
    [InlineData("""[{"volume":"../web","guid":"1"}]""", 65, "at byte")]
    [InlineData("""[{"volume":"web\udc00","guid":"1"}]""", 65, "at byte")]
    [InlineData("""[{"volume":null,"guid":"1"}]""", 65, "at byte")]
    [InlineData("""[{"volume":"web","guid":null}]""", 69, "no guids")]
    [InlineData("""[{"volume":"web"}]""", 69, "no guids")]
    [InlineData("""[{"volume":"a","guid":"1"},{"volume":"b","guid":"2"}]""", 64, "several volumes")]
    public void What_is_no_such_list_is_refused(string json, int status, string reason)
    {
        var refusal = Assert.Throws<KvolException>(() => Read(json));
        Assert.Equal(status, (int)refusal.Status);
        Assert.Contains(reason, refusal.Message);
        Assert.DoesNotContain('\n', refusal.Message);
    }

    [Theory]
    [InlineData("[", " ", "")]
    [InlineData("[{\"volume\":\"", "a", "\"}]")]
    [InlineData("", "[", "")]
    [InlineData("[{\"x\":", "[", "")]
    [InlineData("[", "{\"volume\":\"a\",\"guid\":\"1\"},", "")]
    public void A_list_without_end_is_refused_and_needs_little_memory(string begin, string again, string end)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(ExitStatus.Damaged, Assert.Throws<KvolException>(() => Read(begin, again, end)).Status);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 400L << 20);
    }

    [Fact]
    public void Random_damage_is_refused_without_a_trace()
    {
        var random = new Random(4711);
        var whole = Encoding.UTF8.GetBytes("[" + string.Join(',', Enumerable.Range(1, 20).Select(i =>
            $$"""{"name":"web@{{i}}","volume":"web","guid":"{{i}}","created":"2026-01-01T00:00:00Z","group":null}""")) + "]");
        for (var i = 0; i < 300; i++)
        {
            var bytes = whole[..random.Next(1, whole.Length)].ToArray();
            for (var n = random.Next(4); n >= 0; n--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            _ = Assert.Throws<KvolException>(() => Read(bytes, [], []));
        }
    }

    private static SendPoint Snapshot(string name, ulong guid) => new(name, guid, guid * 10, false, name);

    private static SendPoint Mark(string name, ulong guid) => new("kvol-sent-" + name, guid, guid * 10, true, name);

    private static OtherSide Other(string guids) => new(Web,
        [.. guids.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(g => ulong.Parse(g, CultureInfo.InvariantCulture))]);

    private static OtherSide Read(string json) => Read(Encoding.UTF8.GetBytes(json), [], []);

    private static OtherSide Read(string begin, string again, string end) =>
        Read(Encoding.UTF8.GetBytes(begin), Encoding.UTF8.GetBytes(again), Encoding.UTF8.GetBytes(end));

    // The middle is repeated up to 100 MiB.
    private static OtherSide Read(byte[] begin, byte[] again, byte[] end)
    {
        again = [.. Enumerable.Repeat(again, 2000).SelectMany(a => a)];
        var (part, at, left) = (begin, 0, again.Length == 0 ? 0 : (100 << 20) / again.Length);
        return SnapshotList.Read(new ArchiveInput(Next, "standard input", () => { }), "standard input", Web);

        int Next(Span<byte> into)
        {
            var n = 0;
            while (n < into.Length)
            {
                if (at == part.Length)
                {
                    if (part == end && left == 0)
                    {
                        break;
                    }

                    (part, at, left) = left > 0 ? (again, 0, left - 1) : (end, 0, 0);
                    continue;
                }

                var some = Math.Min(into.Length - n, part.Length - at);
                part.AsSpan(at, some).CopyTo(into[n..]);
                (n, at) = (n + some, at + some);
            }

            return n;
        }
    }
}
