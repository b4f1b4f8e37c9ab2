using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using System.Threading;

namespace Kvol.Tests.Support;

/// <summary>The environment of one test in the test machine: a pool of its own on a file in memory, with a store in it, and a root
/// directory. Runs kvol in it.</summary>
internal sealed class ZfsBox : IDisposable
{
    private static int count;

    private readonly Dictionary<string, string> environment;

    public ZfsBox(string poolOptions = "", string size = "512M", string store = "kvol", bool init = true)
    {
        Pool = "p" + Interlocked.Increment(ref count);
        Top = "/tmp/" + Pool;
        environment = new Dictionary<string, string>
        {
            ["P"] = Pool, ["S"] = $"{Pool}/{store}", ["V"] = $"{Pool}/{store}/volumes", ["T"] = Top, ["R"] = Top + "/root",
            ["KVOL_ROOT"] = $"{Pool}/{store}", ["KVOL_RUN"] = Top + "/run", ["KVOL_CONFIG"] = Top + "/kvol.conf",
        };
        Shell($"mkdir -p $R $T/run && : >$KVOL_CONFIG && truncate -s {size} $T/disk && zpool create {poolOptions} $P $T/disk"
            + (init ? " && $KVOL init >/dev/null" : "")).Ok();
    }

    public string Pool { get; }

    public string Top { get; }

    private static Guest Guest => Guest.Current;

    /// <summary>A script that finds the pool as $P, the store as $S, its volumes as $V, the root directory as $R, a scratch directory as
    /// $T.</summary>
    public Result Shell(string script, int seconds = 600)
    {
        using var command = StartShell(script);
        return command.Wait(seconds);
    }

    public GuestCommand StartShell(string script) => Guest.Start(["bash", "-c", "set -o pipefail; " + script], environment, "/tmp");

    public Result Kvol(params string[] arguments)
    {
        using var command = StartKvol(arguments);
        return command.Wait(600);
    }

    public GuestCommand StartKvol(params string[] arguments) => Guest.Start(["/usr/local/sbin/kvol", .. arguments], environment, "/tmp");

    public Result Mount(params string[] specs) => Kvol(["mount", Top + "/root", .. specs]);

    public Result Umount(params string[] destinations) => Kvol(["umount", Top + "/root", .. destinations]);

    /// <summary>A directory in the root directory with a few files of each kind.</summary>
    public void Fill(string destination, int files = 20) => Shell(
        $"d=$R{destination}; mkdir -p $d/sub/deep && cd $d && for i in $(seq {files}); do echo content $i >file$i; done && echo hidden "
            + ">.hidden && ln -s ../file1 sub/link && ln file1 sub/hard"
        + " && chmod 4755 file2 && chown 1001:1002 file3 sub && touch -d '2001-02-03 04:05:06.789012345' file4 sub/deep && mkfifo "
            + "sub/fifo && setfattr -n trusted.colour -v blue file5"
        + " && truncate -s 1M sub/sparse && chmod 1770 $d && touch -d '2002-03-04 05:06:07.123456789' $d").Ok();

    /// <summary>The content of a tree, one line per entry: names, types, modes, owners, sizes, times, links, attributes,
    /// checksums.</summary>
    public string Manifest(string directory) => Shell(
        $"cd \"{directory}\" && find . -mindepth 0 ! -path './.zfs*' -printf '%P|%y|%m|%U:%G|%T@|%l|' \\( -type d -printf 'dir\\n' -o "
            + "-printf '%s|%n\\n' \\) | sort"
        + " && find . -type f ! -path './.zfs*' -print0 | sort -z | xargs -0 -r sha256sum && getfattr -R -d -m- -P . 2>/dev/null || true")
            .Ok().Out;

    public JsonElement Inspect(string volume) => JsonDocument.Parse(Kvol("inspect", volume).Ok().Out).RootElement[0];

    public string Get(string property, string dataset) => Shell($"zfs get -H -p -o value {property} {dataset}").Ok().Out.Trim();

    public void Dispose() => _ = Shell(
        "umount -R $R 2>/dev/null; while umount $(findmnt -rno TARGET -R $R 2>/dev/null | tail -1) 2>/dev/null; do :; done; zpool "
            + "export -f $P 2>/dev/null; zpool destroy -f $P 2>/dev/null; rm -rf --one-file-system $T");
}
