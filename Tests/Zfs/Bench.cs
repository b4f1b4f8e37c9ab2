using System;
using System.IO;
using System.Linq;
using System.Runtime.CompilerServices;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests.Zfs;

/// <summary>Not part of the suite: <c>make bench-zfs</c> runs it for its output.</summary>
[Trait("Needs", "Machine")]
public class Bench(ITestOutputHelper output)
{
    [Fact(Explicit = true)]
    public void Kvol_against_zfs_and_a_shell_script() => output.WriteLine(Run("zfs.sh"));

    [Fact(Explicit = true)]
    public void A_stream_of_kvol_against_one_of_zfs() => output.WriteLine(Run("stream.sh"));

    private static string Run(string script, [CallerFilePath] string here = "")
    {
        var bench = Path.Combine(Path.GetDirectoryName(here)!, "../../bench");
        Guest.Current.Put(Path.Combine(bench, "compare.sh"), "/tmp/compare.sh");
        Guest.Current.Put(Path.Combine(bench, script), "/tmp/bench.sh");
        var settings = string.Join(' ', ((string[])["PAIRS", "MEGABYTES", "VOLUMES", "FILES", "MEMBERS"])
            .Where(n => Environment.GetEnvironmentVariable(n) is not null).Select(n => $"{n}={Environment.GetEnvironmentVariable(n)}"));
        return Guest.Current.Shell($"{settings} /tmp/bench.sh 2>&1", 3600).Ok().Out;
    }
}
