using System;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Json;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests.Torture;

/// <summary>While kvol works on them, a jail exchanges components of paths, directories that are being walked, and links that lead out.
/// Whatever kvol does then, it must mount on, read, count, change or delete nothing outside.</summary>
[Trait("System", "Linux")]
public sealed class Swaps : IDisposable
{
    private const string Secret = "CANARY of somebody else";

    /// <summary>More bytes than a volume of the race can hold: a higher count includes files outside it.</summary>
    private const long Most = 8 << 20;

    private readonly Campaign campaign;
    private readonly Box box = new("xfs");
    private readonly string outside;
    private readonly string before;
    private readonly Random random = new(Campaign.Seed);
    private readonly long wanted = Campaign.Size("SWAPS", 40_000) / 4;

    public Swaps(ITestOutputHelper output)
    {
        campaign = new Campaign(output, "swaps");
        foreach (var (name, value) in Campaign.Measured(Campaign.BuildLibrary("faults")))
        {
            box.Environment[name] = value;
        }

        box.Environment["KVOL_FAULT_QUOTA"] = "1";
        outside = box.MakeDir("out");
        new Tree(new Dir("y"), new Dir("y/z"), new Dir("s"), new Dir("d"), new Text("secret", Secret), new Text("y/z/secret", Secret),
            new Text("s/secret", Secret), new Text("d/f3", Secret)).Build(outside);
        foreach (var name in new[] { "payroll", "mail", "held" })
        {
            box.Run(name == "held" ? ["create", name] : ["create", name, "-l", "keep=yes"]).Ok();
            new Tree(new Dir("deep"), new Text("deep/secret", Secret), new Noise("deep/precious", (int)Most * 2)).Build(box.Data(name));
        }

        before = Canaries();
    }

    [Fact]
    public void Components_of_a_destination_are_swapped()
    {
        new Tree(new Dir("x"), new Dir("x/y"), new Dir("x/y/z"), new Text("x/y/z/own"), new Dir("other"), new Link("xl", outside),
            new Link("x/yl", "../../../../../../../.." + outside + "/y")).Build(box.Root);
        var file = box.MakeFile("file");
        string[][] commands =
        [
            ["mount", box.Root, "v:/x/y/z"], ["mount", box.Root, "v:/x/y/z/new/deeper"], ["mount", box.Root, "v:/x/y/z", "w:/x/y/q"],
                ["attach", "www", box.Root, "v:/x/y/z:ro"],
            ["mount", box.Root, file + ":/x/y/file"],
        ];
        Race(box.Root, ["x:/x:/xl", "x:/x/y:/x/yl", "x:/x/y/z:/other"], () =>
        {
            foreach (var command in commands)
            {
                Run(command);
                Run("umount", box.Root);
                Run("detach", "www", box.Root);
            }
        });
    }

    [Fact]
    public void What_is_covered_is_swapped_while_it_is_copied()
    {
        new Tree([
            new Dir("srv"), new Dir("srv/d"), new Dir("srv/d/e"), new Link("srv/d/fl", outside + "/secret"), new Link("srv/dl", outside),
                new Link("srv/d/el", outside + "/s"), new Special("srv/d/fifo", Kind.Fifo),
            .. Enumerable.Range(0, 30).SelectMany(i =>
                new Step[] { new Text($"srv/d/f{i}", "own\n"), new Text($"srv/d/e/g{i}", "own\n") })]).Build(box.Root);
        Race(box.Root,
            ["x:/srv/d:/srv/dl", "x:/srv/d/e:/srv/d/el", "x:/srv/d/f3:/srv/d/fl", "x:/srv/d/f4:/srv/d/fifo", "m:/srv/d/e:/srv/e"], () =>
        {
            Run("mount", box.Root, "n:/srv");
            Run("umount", box.Root);
            Run("rm", "-f", "n");
            Run("seed", "n", box.Root + "/srv");
            Run("seed", "n", box.Root + "/srv/d");
            Run("rm", "n");
        });
    }

    [Fact]
    public void A_subpath_is_swapped()
    {
        box.Run("create", "v").Ok();
        new Tree(new Dir("s"), new Dir("s/t"), new Text("s/t/mine"), new Link("sl", outside),
            new Link("s/tl", "../../../../../../../../../../.." + outside + "/s")).Build(box.Data("v"));
        Race(box.Data("v"), ["x:/s:/sl", "x:/s/t:/s/tl"], () =>
        {
            foreach (var spec in new[] { "v:/srv:subpath=s/t", "v:/srv:subpath=s,ro" })
            {
                Run("mount", box.Root, spec);
                foreach (var mount in box.Mounts.Where(m => !m.Root.Contains("volumes/v/data", StringComparison.Ordinal)))
                {
                    campaign.Wrong(Bad.Escape, $"{mount.Root} is mounted on {mount.Target}", spec);
                }

                Run("umount", box.Root);
            }
        });
    }

    [Fact]
    public void Directories_are_moved_while_kvol_walks_them()
    {
        // Names that a walk might look up on its way back: those of other volumes, and of what rm deletes.
        var walked = box.MakeDir("walked");
        new Tree([
            new Dir("zzz"), new Dir("zzz/q"), new Dir("zzz/q/r"), new Dir("zzz/q/r/big"), new Dir("zzz/payroll"),
                new Dir("zzz/payroll/deep"), new Dir("zzz/.gone-v"), new Dir("zzz/.gone-v/data"),
            new Dir("zzz/.gone-v/data/large"), new Dir("a"), new Dir("a/b"), new Dir("a/b/c"), new Dir("other"), new Link("l", outside),
                new Link("a/link", outside + "/y"),
            .. Enumerable.Range(0, 150).SelectMany(i =>
                new Step[] { new Text($"zzz/q/r/big/{i}"), new Text($"zzz/.gone-v/data/large/{i}"), new Text($"a/b/c/{i}"),
                new Text($"other/{i}") })]).Build(walked);
        // A jail that hides where the volume is mounted: it is in a chroot whose mount table is empty.
        using var hider = Confined.Start(box, "chroot", box.Data("held"), box.MakeDir("hidden"), box.MakeDir("cell"));
        var archive = box.Top + "/v.tar";
        Race(box.Data("v"),
            ["m:/zzz/q/r/big:/big", "m:/zzz/.gone-v/data/large:/large", "x:/a:/l", "x:/a/b:/a/link", "x:/a/b/c:/other",
            "m:/zzz/payroll/deep:/deep"], () =>
        {
            foreach (var last in new string[][] { ["rm", "v"], ["rm", "-f", "v"], ["prune", "-y", "--all"], ["rm", "--keep", "0", "v"] })
            {
                Run("create", "v");
                Run("seed", "v", walked);
                Run("df", "--json", "v");
                Run("inspect", "v");
                Run("snapshot", "v@s");
                Run("set", "v", "quota=500M");
                if (Run("export", "v", "-o", archive) is { Exit: 0 }
                    && File.ReadAllText(archive, Encoding.Latin1).Contains(Secret, StringComparison.Ordinal))
                {
                    campaign.Wrong(Bad.Escape, "an export holds what is not the volume's", "export v");
                }

                Run("clone", "v", "c");
                Run("rollback", "v@s", "-r");
                Run("mount", box.Root, "v:/srv:ro");
                Run("umount", box.Root);
                Run("rename", "v", "r");
                Run("rename", "r", "v");
                Run(last);
                Run("gc");
                Run("rm", "c");
                Run("rm", "r");
                foreach (var use in new string[][] { ["rm", "held"], ["rename", "held", "other"] })
                {
                    if (Run(use) is { Exit: not 75 } taken)
                    {
                        campaign.Wrong(Bad.LostVolume, $"{use[0]} of a volume that a hidden mount shows: exit {taken.Exit}", taken.Err);
                    }
                }
            }
        });
    }

    public void Dispose() => box.Dispose();

    /// <summary>Repeats the commands during the swaps until there were enough of both; then everything must be removable.</summary>
    private void Race(string inside, string[] operations, Action commands)
    {
        using (var swapper = new Swapper(box, inside, operations))
        {
            do
            {
                commands();
                campaign.Count("rounds");
            }
            while (swapper.Count < wanted);
            campaign.Count("swaps", swapper.Stop());
        }

        foreach (var command in new string[][] { ["umount", box.Root], ["detach", "www", box.Root], ["gc"] })
        {
            var end = Run(command);
            if (end?.Exit is not (0 or 66))
            {
                campaign.Wrong(Bad.Other, $"{command[0]} fails when all is quiet: exit {end?.Exit}", end?.Err ?? "");
            }
        }

        var left = Sys.List(box.Store + "/volumes").Where(n => n.StartsWith('.')).ToArray();
        if (left.Length > 0 || box.Mounts.Count > 0)
        {
            campaign.Wrong(Bad.Litter, "left after gc", string.Join(' ', left.Concat(box.Mounts.Select(m => m.Target))));
        }

        campaign.End();
    }

    /// <summary>Runs one command in the race, and checks that it did not touch what is outside.</summary>
    private Result? Run(params string[] arguments)
    {
        var name = string.Join(' ', arguments);
        using var command = box.Start(arguments);
        if (campaign.Wait(command, name) is not { } result)
        {
            return null;
        }

        campaign.Count("commands");
        campaign.CheckEnd(result, name);
        name += $" (exit {result.Exit} {Campaign.Short(result.Err)})";
        if (Canaries() is var now && now != before)
        {
            campaign.Wrong(Bad.Escape, "what is outside was changed",
                $"{name}\n{string.Join('\n', before.Split('\n').Except(now.Split('\n')).Take(5))}\n{string.Join('\n',
                now.Split('\n').Except(before.Split('\n')).Take(5))}");
        }

        foreach (var mount in MountInfo.Below(box.Top).Where(m => m.Target != box.Top
            && !m.Target.StartsWith(box.Root + "/", StringComparison.Ordinal)
            && !m.Target.StartsWith(box.Top + "/run/staging", StringComparison.Ordinal)))
        {
            campaign.Wrong(Bad.Escape, $"a mount on {mount.Target}", name);
        }

        if (arguments[0] == "df" && result.Exit == 0 && JsonDocument.Parse(result.Out).RootElement[0].GetProperty("used").GetInt64() > Most)
        {
            campaign.Wrong(Bad.Escape, "what is outside was counted", name + result.Out);
        }

        // Every copy contains only what was inside.
        if (arguments[0] is "mount" or "seed" or "clone" or "snapshot" or "rollback" && random.Next(3) == 0)
        {
            using var search = new Running("grep",
                ["-rlF", "--exclude-dir=payroll", "--exclude-dir=mail", "--exclude-dir=held", "--", Secret, box.Store]);
            if (search.Wait() is { Out.Length: > 0 } copied)
            {
                campaign.Wrong(Bad.Escape, "what is outside was copied", name + copied.Out);
            }
        }

        return result;
    }

    /// <summary>Everything known about what is outside the jail. The change times reveal every change, including projects and
    /// attributes.</summary>
    private string Canaries() =>
        Tool.Run("find", outside, box.Store + "/volumes/payroll", box.Store + "/volumes/mail", box.Store
        + "/volumes/held", "-printf", "%p %y %m %U:%G %s %n %i %T@ %C@\\n");
}
