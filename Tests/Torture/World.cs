using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Kvol.Storage.Verbs;
using Kvol.Tests.Support;

namespace Kvol.Tests.Torture;

/// <summary>A store, a run directory and a jail with something to seed, created from a template for each case. Describes their
/// state.</summary>
internal sealed partial class World : IDisposable
{
    private readonly string templates;
    private readonly Dictionary<string, string> environment;

    public World(string type)
    {
        var top = $"{Disks.On(type)}/torture";
        templates = top + "/templates";
        Top = top + "/w";
        Directory.CreateDirectory(templates);
        environment = new() { ["KVOL_ROOT"] = Top + "/store", ["KVOL_RUN"] = Top + "/run", ["KVOL_CONFIG"] = Top + "/kvol.conf",
            ["LC_ALL"] = "C" };
        Directory.CreateDirectory(Top + "/run");
        // One worker thread, so that the Nth call is always the same call.
        File.WriteAllText(Top + "/kvol.conf", "jobs = 1\n");
        File.WriteAllText(Top + "/file", "of the host\n");
        Sys.Mkdir(Top + "/jail");
        Sys.Mkdir(Top + "/jail/etc");
        Source.Build(Top + "/jail/srv");
        Original = Manifest.Of(Top + "/jail/srv", holes: false);
        Save("");
        Jail = JailNow();
    }

    private static Tree Source { get; } = new(
        new Dir("a"), new Dir("a/b"), new Noise("big", 150_000, 3), new Text("a/one", "one"), new HardLink("a/b/same", "a/one"),
            new Link("a/b/link", "../one"),
        new Sparse("a/sparse", 1 << 20, 300_000, 5000), new Special("a/b/fifo", Kind.Fifo),
            new Special("a/null", Kind.CharDevice, Major: 1, Minor: 3),
        new Xattr("a/one", "user.k", "value"), new Xattr("a", "user.d", "of a directory"), new Acl("big", "-m", "u:1:r"),
            new Owner("a/one", 12, 34), new Mode("big", 0b100_111_101_101),
        new Times("a/one", 1_000_000_000, 5), new Times("a/b", 1_000_000_001, 6), new Times("a", 1_000_000_002, 7),
            new Mode("", 0b001_111_111_111), new Times("", 1_000_000_003, 8));

    public string Top { get; }

    public string Root => Top + "/jail";

    public Manifest Original { get; }

    /// <summary>The state of the jail before any mount.</summary>
    public string Jail { get; }

    public List<MountLine> Mounts => MountInfo.Below(Top);

    /// <summary>Runs kvol; <paramref name="more"/> is for the injector.</summary>
    public Result Run(string[] arguments, IReadOnlyDictionary<string, string>? more = null)
    {
        using var child = Start(arguments, more);
        return child.Wait(Campaign.Patience);
    }

    public Running Start(string[] arguments, IReadOnlyDictionary<string, string>? more = null)
    {
        var all = new Dictionary<string, string>(environment);
        foreach (var (key, value) in more ?? environment)
        {
            all[key] = value;
        }

        return new Running(Box.Binary, arguments.Select(a => a.Replace("$T", Top, StringComparison.Ordinal)), all, Top);
    }

    public void Save(string template) => Tool.Run("cp", "-a", "--reflink=auto", Top, $"{templates}/t{template}");

    public bool Has(string template) => Directory.Exists($"{templates}/t{template}");

    /// <summary>Restores the template; nothing is mounted.</summary>
    public void Reset(string template)
    {
        Unmount();
        Tool.Run("sh", "-c", "rm -rf --one-file-system \"$2\" && exec cp -a --reflink=auto \"$1\" \"$2\"", "sh", $"{templates}/t{template}",
            Top);
    }

    /// <summary>Names, types, modes and owners in the jail, and everything about files to seed. Mount points that were made and removed
    /// change only times.</summary>
    public string JailNow() => string.Join('\n', Manifest.Of(Root, holes: false).Lines.Where(l =>
        !l.StartsWith("srv", StringComparison.Ordinal)).Select(l => DirectoryTime().Replace(l, "$1")));

    /// <summary>The content of a volume's directory: "absent", "empty", "complete", or a description.</summary>
    public string Content(string data)
    {
        if (!Sys.Exists(data))
        {
            return "absent";
        }

        if (Sys.List(data).Count == 0)
        {
            return "empty";
        }

        var now = Manifest.Of(data, holes: false, oneFileSystem: true);
        return now.Lines.SequenceEqual(Original.Lines) ? "complete"
            : "partial: " + string.Join(" | ", Original.Lines.Except(now.Lines).Take(2).Concat(now.Lines.Except(Original.Lines).Take(2)));
    }

    /// <summary>The contents of all volumes and snapshots.</summary>
    public SortedDictionary<string, string> Volumes()
    {
        var all = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var volumes = Top + "/store/volumes";
        foreach (var name in Sys.Exists(volumes) ? Sys.List(volumes).Where(n => !n.StartsWith('.')) : [])
        {
            all[Unnamed(name)] = Content($"{volumes}/{name}/data");
            var snapshots = $"{volumes}/{name}/snapshots";
            foreach (var snapshot in Sys.Exists(snapshots) ? Sys.List(snapshots).Where(n => !n.StartsWith('.')) : [])
            {
                all[$"{Unnamed(name)}@{snapshot}"] = Content($"{snapshots}/{snapshot}/data");
            }
        }

        return all;
    }

    /// <summary>Every path of kvol's own, without the contents of volumes; random and kernel-chosen parts are masked.</summary>
    public HashSet<string> Skeleton() => [.. Relative(Top).Where(p => p != "jail" && !p.StartsWith("jail/", StringComparison.Ordinal))];

    public void Dispose()
    {
        Unmount();
        Tool.Run("rm", "-rf", "--one-file-system", Top, templates);
    }

    private void Unmount()
    {
        foreach (var mount in Enumerable.Reverse(MountInfo.Below(Top)))
        {
            _ = Libc.umount2(Sys.Bytes(mount.Target), Sys.Detach);
        }
    }

    private static IEnumerable<string> Relative(string directory)
    {
        foreach (var name in Sys.List(directory))
        {
            yield return Unnamed(name);
            if (name != "data" && Sys.Stat($"{directory}/{name}").Kind == Kind.Directory)
            {
                foreach (var below in Relative($"{directory}/{name}"))
                {
                    yield return Unnamed(name) + "/" + below;
                }
            }
        }
    }

    /// <summary>Replaces numbers and hexadecimal words in a name by "N", so that names of different runs can be compared.</summary>
    private static string Unnamed(string name) => Number().Replace(name, "N");

    [GeneratedRegex(@"( Directory \d+ \d+:\d+) -?\d+\.\d+")]
    private static partial Regex DirectoryTime();

    [GeneratedRegex(@"[0-9a-f]{6,}|\d{3,}")]
    private static partial Regex Number();
}
