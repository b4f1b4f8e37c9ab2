using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Threading;
using Kvol.Storage.Verbs;

namespace Kvol.Tests.Support;

/// <summary>The environment of one test: a store, a run directory, a configuration and a root directory. Runs kvol in it.</summary>
internal sealed partial class Box : IDisposable
{
    private static int count;

    public Box(string type = "tmpfs")
    {
        Top = $"{Disks.On(type)}/box{Interlocked.Increment(ref count)}";
        Sys.Mkdir(Top);
        Sys.Mkdir(Root);
        Sys.Mkdir(Top + "/run");
        Sys.Write(Config, []);
        Environment = new Dictionary<string, string>
        {
            ["KVOL_ROOT"] = Store,
            ["KVOL_RUN"] = Top + "/run",
            ["KVOL_CONFIG"] = Config,
            ["LC_ALL"] = "C",
        };
    }

    public static string Binary { get; } = System.Environment.GetEnvironmentVariable("KVOL_BIN") ?? "kvol";

    public string Top { get; }

    public string Root => Top + "/root";

    public string Store => Top + "/store";

    public string Config => Top + "/kvol.conf";

    public Dictionary<string, string> Environment { get; }

    public string Data(string volume) => $"{Store}/volumes/{volume}/data";

    public string Metadata(string volume) => $"{Store}/volumes/{volume}/volume.json";

    public Result Run(params string[] arguments)
    {
        using var child = Start(arguments);
        return child.Wait();
    }

    public Result Mount(params string[] arguments) => Run(["mount", Root, .. arguments]);

    public Result Umount(params string[] arguments) => Run(["umount", Root, .. arguments]);

    public Running Start(params string[] arguments) => new(Binary, arguments, Environment, Top);

    /// <summary>Runs a shell script that finds the binary as $KVOL and the root directory as $R.</summary>
    public Result Shell(string script, params string[] arguments)
    {
        using var child = StartShell(script, arguments);
        return child.Wait();
    }

    public Running StartShell(string script, params string[] arguments) =>
        new("bash", ["-c", script, "bash", .. arguments], new Dictionary<string, string>(Environment) { ["KVOL"] = Binary, ["R"] = Root },
            Top);

    public string MakeDir(string path, int mode = 0b111_101_101)
    {
        var full = Top + "/" + path;
        Sys.Mkdir(full, mode);
        return full;
    }

    public string MakeFile(string path, string content = "text\n")
    {
        var full = Top + "/" + path;
        File.WriteAllText(full, content);
        return full;
    }

    public List<MountLine> Mounts => MountInfo.Below(Root);

    public MountLine MountAt(string destination) => MountInfo.At(Root + destination) is [var only]
        ? only
        : throw new InvalidOperationException(
            $"not mounted exactly once at {destination}: {string.Join(", ", Mounts.Select(m => m.Target))}");

    public string[] Volumes => Run("ls", "-q").Ok().Lines;

    public JsonElement Inspect(string volume) => JsonDocument.Parse(Run("inspect", volume).Ok().Out).RootElement[0];

    /// <summary>The state that a refused command must not change: the root directory, the mounts, the volumes.</summary>
    public string State()
    {
        var volumes = Sys.Exists(Store + "/volumes") ? Sys.List(Store + "/volumes").Where(n => !n.StartsWith('.')) : [];
        // Creating and removing an entry changes the directory's modification time.
        var tree = Manifest.Of(Root).Lines.Select(l => DirectoryTime().Replace(l, "$1"));
        return string.Join('\n', [.. tree, .. Mounts.Select(m => m.Target), .. volumes]);
    }

    public void Dispose()
    {
        foreach (var mount in Enumerable.Reverse(MountInfo.Below(Top)))
        {
            _ = Libc.umount2(Sys.Bytes(mount.Target), Sys.Detach);
        }

        if (!Top.Contains("/tmpfs/", StringComparison.Ordinal))
        {
            // An immutable file in a test's tree could not be removed after the test.
            using var chattr = new Running("chattr", ["-R", "-f", "-ia", Top]);
            _ = chattr.Wait();
        }

        Tool.Run("rm", "-rf", "--one-file-system", Top);
    }

    [GeneratedRegex(@"( Directory \d+ \d+:\d+) -?\d+\.\d+")]
    private static partial Regex DirectoryTime();
}
