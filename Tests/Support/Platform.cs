using System;
using System.Linq;

namespace Kvol.Tests.Support;

/// <summary>The differences when the FreeBSD side of kvol is tested (KVOL_TEST_OS=FreeBSD), even on Linux with a stand-in for FreeBSD's
/// libc.</summary>
internal static class Platform
{
    /// <summary>Why tests of other mount namespaces do not apply there.</summary>
    public const string OneMountTable = "FreeBSD has one mount table: nothing is mounted where it cannot be seen";

    public static bool IsFreeBSD { get; } = Environment.GetEnvironmentVariable("KVOL_TEST_OS") == "FreeBSD";

    /// <summary>The environment that a kvol process needs to start here.</summary>
    public static string[] Needs =>
        IsFreeBSD ? [.. new[] { "LD_LIBRARY_PATH", "STANDIN_STATE" }.Select(n => $"{n}={Environment.GetEnvironmentVariable(n)}")] : [];

    /// <summary>Additional descriptors of a kvol process: through these the stand-in knows the mounts.</summary>
    public static int ForeignDescriptors => IsFreeBSD ? 2 : 0;
}
