using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kvol.Native;
using Kvol.Storage.Values;
using Kvol.Tests.Torture;
using Xunit;

namespace Kvol.Tests.Unit;

/// <summary>Changes good input at random and hands it to a parser: it ends in time, and throws nothing but what a user is told.
/// KVOL_TORTURE_INPUTS says how
/// many for each parser.</summary>
internal sealed class Fuzzer(ITestOutputHelper output)
{
    /// <summary>In JSON it becomes a surrogate without its other half, which no writer would write.</summary>
    private const string HalfOfAPair = "(half of a pair)";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private static readonly string[] Words =
        ["null", "\"\"", "{}", "[]", "-1", "99999999999999999999", "79228162514264337593543950335", "1e400", "0x7f", "\\u0000", "\\ud800",
            ",,", "::", "\n", "\0", "/..", "=", "true", "\x1b[31m", "\x7f", "\xff", "\xc3\xa9", " "];

    /// <summary>Each input is one of the good ones with a few bytes changed; <paramref name="seal"/> makes sums right again.</summary>
    public void Fuzz(string part, byte[][] good, Action<byte[]> parse, Action<byte[]>? seal = null) => Run(part, random =>
    {
        var input = Change(good[random.Next(good.Length)], random);
        seal?.Invoke(input);
        return input;
    }, parse);

    /// <summary>The same of texts; chars are bytes.</summary>
    public void Fuzz(string part, string[] good, Action<string> parse) =>
        Fuzz(part, [.. good.Select(Encoding.Latin1.GetBytes)], bytes => parse(Encoding.Latin1.GetString(bytes)));

    /// <summary>Every second input is JSON in which values were exchanged for others, left out or doubled; the rest has bytes
    /// changed.</summary>
    public void FuzzJson(string part, string[] good, Action<byte[]> parse) => Run(part, random =>
    {
        var text = good[random.Next(good.Length)];
        return random.Next(2) == 0 ? Change(Encoding.UTF8.GetBytes(text), random) : ChangeValues(text, random);
    }, parse);

    private void Run(string part, Func<Random, byte[]> next, Action<byte[]> parse)
    {
        var campaign = new Campaign(output, "fuzzed: " + part);
        var random = new Random(Campaign.Seed);
        for (var i = Campaign.Size("INPUTS", 1500); i > 0; i--)
        {
            var input = next(random);
            var started = Stopwatch.GetTimestamp();
            try
            {
                parse(input);
            }
            catch (Exception e) when (e is KvolException or NativeException)
            {
                // What a user is told.
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                campaign.Wrong(Bad.Crash, $"{e.GetType().Name} ({Campaign.Short(e.Message)})", Shown(input));
            }

            if (Stopwatch.GetElapsedTime(started) > Limit)
            {
                campaign.Wrong(Bad.Hang, "hang", Shown(input));
            }

            campaign.Count("inputs");
        }

        campaign.End();
    }

    private static string Shown(byte[] input) => new ByteString(input.AsSpan(0, Math.Min(600, input.Length))).ToString();

    private static byte[] Change(byte[] from, Random random)
    {
        var bytes = from.ToList();
        for (var n = random.Next(1, 5); n > 0 && bytes.Count > 0; n--)
        {
            int at = random.Next(bytes.Count), length = Math.Min(random.Next(1, 40), bytes.Count - at);
            switch (random.Next(7))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes.RemoveRange(at, length);
                    break;
                case 2:
                    bytes.InsertRange(at, bytes.GetRange(at, length));
                    break;
                case 3:
                    bytes.InsertRange(at, Encoding.Latin1.GetBytes(Words[random.Next(Words.Length)]));
                    break;
                case 4:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 5:
                    var digit = bytes.FindIndex(at, b => b is >= (byte)'0' and <= (byte)'9');
                    bytes.InsertRange(digit < 0 ? at : digit, Enumerable.Repeat((byte)random.Next('0', '9' + 1), random.Next(1, 30)));
                    break;
                default:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
            }
        }

        return [.. bytes];
    }

    private static byte[] ChangeValues(string text, Random random)
    {
        var root = JsonNode.Parse(text)!;
        for (var n = random.Next(1, 4); n > 0; n--)
        {
            var places = new List<(JsonNode Parent, object Key)>();
            Collect(root, places);
            if (places.Count == 0)
            {
                break;
            }

            var (parent, key) = places[random.Next(places.Count)];
            var value = Value(random);
            switch (parent)
            {
                case JsonObject o when random.Next(5) == 0:
                    o.Remove((string)key);
                    break;
                case JsonObject o:
                    o[(string)key] = value;
                    break;
                case JsonArray a when random.Next(5) == 0:
                    a.Add(value);
                    break;
                case JsonArray a:
                    a[(int)key] = value;
                    break;
            }
        }

        var changed = random.Next(20) == 0 ? Value(random)?.ToJsonString() ?? "null" : root.ToJsonString();
        return Encoding.UTF8.GetBytes(changed.Replace(HalfOfAPair, "\\ud800", StringComparison.Ordinal));
    }

    private static JsonNode? Value(Random random) => random.Next(16) switch
    {
        0 => null,
        1 => JsonValue.Create(true),
        2 => JsonValue.Create(-1),
        3 => JsonValue.Create(ulong.MaxValue),
        4 => JsonNode.Parse("1e999"),
        5 => JsonValue.Create(0.5),
        6 => JsonValue.Create(""),
        7 => JsonValue.Create("\0"),
        8 => JsonValue.Create(HalfOfAPair),
        9 => JsonValue.Create(new string('x', 5000)),
        10 => new JsonObject(),
        11 => new JsonArray(),
        12 => new JsonArray(null, null),
        13 => JsonValue.Create("/../../x"),
        14 => JsonValue.Create("9999-12-31T23:59:59.9999999Z"),
        _ => JsonValue.Create(int.MaxValue),
    };

    private static void Collect(JsonNode? node, List<(JsonNode, object)> places)
    {
        switch (node)
        {
            case JsonObject o:
                foreach (var (key, value) in o)
                {
                    places.Add((o, key));
                    Collect(value, places);
                }

                break;
            case JsonArray a:
                for (var i = 0; i < a.Count; i++)
                {
                    places.Add((a, i));
                    Collect(a[i], places);
                }

                break;
        }
    }
}
