using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using Kvol.Storage.Verbs;
using Kvol.Tests.Support;

namespace Kvol.Tests.Torture;

/// <summary>A store and several root directories. The files to seed in each root directory name it, and so do their copies.</summary>
internal sealed class StressWorld : IDisposable
{
    public const int RootCount = 4;

    /// <summary>The names of volumes that may be removed, and of those that nothing removes.</summary>
    public static readonly string[] Names = ["v0", "v1", "v2", "v3", "v4"], Precious = ["p0", "p1"];

    private readonly Campaign campaign;
    private readonly SortedDictionary<string, string>[] trees = [.. Enumerable.Range(0, RootCount).Select(TreeOf)];
    private readonly string[] rootsBefore;

    public StressWorld(Campaign campaign)
    {
        this.campaign = campaign;
        foreach (var (name, value) in Campaign.Measured())
        {
            Box.Environment[name] = value;
        }

        for (var i = 0; i < RootCount; i++)
        {
            Box.MakeDir($"r{i}");
            Box.MakeDir($"r{i}/srv");
            Box.MakeDir($"r{i}/srv/sub");
            foreach (var (path, content) in trees[i])
            {
                Sys.Write($"{Root(i)}/srv/{path}", System.Text.Encoding.Latin1.GetBytes(content));
            }

            Sys.Symlink("sub/g0", $"{Root(i)}/srv/link");
        }

        Box.MakeFile("file");
        Box.MakeDir("archives");
        rootsBefore = [.. Enumerable.Range(0, RootCount).Select(PathsOf)];
        foreach (var name in Precious)
        {
            Box.Run("create", name, "-l", "keep=yes").Ok();
            Box.Run("seed", name, Root(0) + "/srv").Ok();
        }
    }

    public Box Box { get; } = new("xfs");

    public string Root(int number) => $"{Box.Top}/r{number}";

    /// <summary>The names of the existing volumes.</summary>
    public string[] Volumes() => [.. Sys.List(Box.Store + "/volumes").Where(n => !n.StartsWith('.'))];

    /// <summary>"empty", "tree N", or another description of a directory's content.</summary>
    public string Content(string directory)
    {
        var found = new SortedDictionary<string, string>(StringComparer.Ordinal);
        Read(directory, "", found);
        if (found.Count == 0)
        {
            return "empty";
        }

        for (var i = 0; i < RootCount; i++)
        {
            if (found.GetValueOrDefault("MANIFEST") == trees[i]["MANIFEST"])
            {
                var other = trees[i].Append(new("link",
                    "-> sub/g0")).Except(found).Concat(found.Except(trees[i].Append(new("link", "-> sub/g0")))).Select(f =>
                    f.Key).Distinct().ToArray();
                return other.Length == 0 ? $"tree {i}" : $"partial: tree {i} but for {string.Join(' ', other.Take(5))} ({other.Length})";
            }
        }

        return $"partial: {found.Count} files, no manifest";
    }

    /// <summary>Checks what must hold while no command runs and after crashes were healed: every volume and snapshot is whole, every mount
    /// is known, every source is unchanged.</summary>
    public SortedDictionary<string, string> LookWhenQuiet()
    {
        Must("gc");
        var contents = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in Volumes())
        {
            contents[name] = Content(Box.Data(name));
            var snapshots = $"{Box.Store}/volumes/{name}/snapshots";
            foreach (var snapshot in Sys.Exists(snapshots) ? Sys.List(snapshots).Where(n => !n.StartsWith('.')) : [])
            {
                contents[$"{name}@{snapshot}"] = Content($"{snapshots}/{snapshot}/data");
            }
        }

        foreach (var (name, content) in contents.Where(c => c.Value.StartsWith("partial", StringComparison.Ordinal)))
        {
            campaign.Wrong(Bad.PartialVolume, name, content);
        }

        var known = JsonDocument.Parse(Must("mounts", "--json")).RootElement.EnumerateArray().Select(m =>
            m.GetProperty("path").GetString()).ToHashSet();
        foreach (var mount in MountInfo.Below(Box.Top).Where(m => !known.Contains(m.Target)))
        {
            campaign.Wrong(Bad.Litter, "a mount that kvol does not know", mount.Target);
        }

        return contents;
    }

    /// <summary>Unmounts everything and checks that nothing is left in any root directory, the store or the run directory.</summary>
    public void Clear()
    {
        for (var i = 0; i < RootCount; i++)
        {
            Must("umount", Root(i));
            Must("detach", $"j{i}", Root(i));
        }

        Must("gc");
        var left = MountInfo.Below(Box.Top).Select(m => m.Target).ToList();
        for (var i = 0; left.Count == 0 && i < RootCount; i++)
        {
            left.AddRange(PathsOf(i).Split('\n').Except(rootsBefore[i].Split('\n')));
            if (Content(Root(i) + "/srv") is var now && now != $"tree {i}")
            {
                campaign.Wrong(Bad.ChangedSource, Root(i), now);
            }
        }

        left.AddRange(Sys.List(Box.Store).Except(["deleted", "locks", "mountpoints", "store.json", "used", "volumes"]));
        left.AddRange(Sys.List(Box.Store + "/volumes").Where(n => n.StartsWith('.')));
        left.AddRange(Sys.List(Box.Top + "/archives").Where(n => n.StartsWith('.')));
        foreach (var directory in new[] { Box.Store + "/deleted", Box.Store + "/mountpoints", Box.Top + "/run/roots", Box.Top
            + "/run/mountpoints", Box.Top + "/run/staging" })
        {
            left.AddRange(Sys.Exists(directory) ? Sys.List(directory).Select(n => directory + "/" + n) : []);
        }

        foreach (var name in Volumes())
        {
            left.AddRange(Sys.List($"{Box.Store}/volumes/{name}").Except(["data", "volume.json", "snapshots"]).Select(n => name + "/" + n));
        }

        if (left.Count > 0)
        {
            campaign.Wrong(Bad.Litter, "left after umount, detach and gc", string.Join(' ', left.Take(8)));
        }
    }

    public void Dispose() => Box.Dispose();

    /// <summary>Runs a command that must succeed while no other runs; returns its output.</summary>
    private string Must(params string[] arguments)
    {
        using var command = Box.Start(arguments);
        var name = string.Join(' ', arguments);
        var result = campaign.Wait(command, name);
        if (result is not { Exit: 0 })
        {
            campaign.Wrong(Bad.Other, $"{name} fails when all is quiet (exit {result?.Exit})", Campaign.Short(result?.Err ?? ""));
        }

        return result is { Exit: 0 } ? result.Out : "[]";
    }

    private string PathsOf(int root)
    {
        var found = new SortedDictionary<string, string>(StringComparer.Ordinal);
        Read(Root(root), "", found, directories: true);
        return string.Join('\n', found.Keys);
    }

    private static void Read(string directory, string path, SortedDictionary<string, string> found, bool directories = false)
    {
        foreach (var name in Sys.List(directory))
        {
            var (at, shown) = ($"{directory}/{name}", path + name);
            var kind = Sys.Stat(at).Kind;
            if (kind == Kind.Directory)
            {
                if (directories)
                {
                    found[shown] = "";
                }

                Read(at, shown + "/", found, directories);
            }
            else
            {
                found[shown] = kind == Kind.File ? File.ReadAllText(at, System.Text.Encoding.Latin1) : kind == Kind.Symlink ? "-> "
                    + Sys.ReadLink(at) : kind.ToString();
            }
        }
    }

    private static SortedDictionary<string, string> TreeOf(int number)
    {
        var tree = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["MANIFEST"] = $"tree {number}, 16 files\n" };
        for (var i = 0; i < 16; i++)
        {
            tree[i < 12 ? $"f{i}" : $"sub/g{i - 12}"] = string.Concat(Enumerable.Repeat($"file {i} of tree {number}\n", 1 + (i * 50)));
        }

        return tree;
    }
}
