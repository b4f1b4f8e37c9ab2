using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Kvol.Storage.Values;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

/// <content>Random sequences of verbs, with what must come back as the model.</content>
public partial class WaysBack
{
    private static readonly string[] Few = ["a", "b", "c"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Each_printed_way_back_brings_back_what_there_was_or_says_what_overtook_it(int seed)
    {
        using var box = Trash("xfs");
        var random = new Random(seed);
        var printed = new List<(string Command, string Volume, string State)>();
        var back = 0;
        for (var step = 0; step < 60; step++)
        {
            var name = Few[random.Next(Few.Length)];
            if (!Sys.Exists(box.Store + "/volumes/" + name))
            {
                box.Run("create", name).Ok();
                continue;
            }

            var before = StateOf(box, name);
            var result = random.Next(9) switch
            {
                0 => box.Run("rm", "-f", "-v", name),
                1 => box.Run("rename", "-v", name, Few[random.Next(Few.Length)]),
                2 => box.Run("set", "-v", name, $"label.l{random.Next(3)}={step}"),
                3 => box.Run("snapshot", $"{name}@{step}"),
                4 or 5 => Newest(box, name, random) is { } snapshot ? box.Run("rollback", "-r", "-v", snapshot) : null,
                6 => Taken(box, printed, random, ref back),
                _ => Write(box, name, step),
            };
            if (result is { Exit: 0 } && result.Err.Split('\n').LastOrDefault(l => Command().IsMatch(l)) is { } line)
            {
                printed.Add((Command().Match(line).Groups[1].Value, name, before));
            }
        }

        while (printed.Count > 0)
        {
            _ = Taken(box, printed, random, ref back);
        }

        Assert.True(back > 5, $"only {back} ways back were open");
        box.Run("gc").Ok();
        Assert.Empty(Sys.List(box.Store + "/volumes").Except(Few));
    }

    // Undone at once, each brings back exactly what there was; later something newer may be there, and is named.
    private static Result? Taken(Box box, List<(string Command, string Volume, string State)> printed, Random random, ref int back)
    {
        if (printed.Count == 0)
        {
            return null;
        }

        var at = random.Next(2) == 0 ? printed.Count - 1 : random.Next(printed.Count);
        var (command, volume, state) = printed[at];
        printed.RemoveAt(at);
        var result = box.Shell("kvol() { \"$KVOL\" \"$@\"; }; " + command);
        if (result.Exit != 0)
        {
            Assert.True(result.Exit is 66 or 73, $"{command}: {result.Exit} {result.Err}");
            Assert.StartsWith("kvol: ", result.Err);
            return null;
        }

        back++;
        Assert.True(Sys.Exists(box.Store + "/volumes/" + volume), command);
        if (command.Contains("undelete", StringComparison.Ordinal))
        {
            Assert.Equal(state.Split('|')[0], StateOf(box, volume).Split('|')[0]);
        }

        return null;
    }

    private static string? Newest(Box box, string name, Random random) =>
        box.Run("ls", "-t", "snapshot", "-q", name).Ok().Lines is { Length: > 0 } all ? all[random.Next(all.Length)] : null;

    private static Result? Write(Box box, string name, int step)
    {
        Sys.Write($"{box.Data(name)}/f{step % 4}", BitConverter.GetBytes(step));
        return null;
    }

    private static string StateOf(Box box, string name)
    {
        var files = Directory.GetFiles(box.Data(name)).Order(StringComparer.Ordinal);
        var content = string.Join(' ', files.Select(f => Path.GetFileName(f) + "=" + Convert.ToHexString(File.ReadAllBytes(f))));
        return $"{content}|{box.Inspect(name).GetProperty("labels").GetRawText()}";
    }
}
