using System;
using System.Linq;

namespace Kvol.Tests.Support;

/// <summary>What is otherwise when FreeBSD's side of kvol is tested (KVOL_TEST_OS=FreeBSD), be it on Linux against a stand-in for FreeBSD's
/// libc.</summary>
internal static class Platform
{
    /// <summary>Why tests of other mount namespaces have nothing to show there.</summary>
    public const string OneMountTable = "FreeBSD has one mount table: nothing is mounted where it cannot be seen";

    public static bool IsFreeBSD { get; } = Environment.GetEnvironmentVariable("KVOL_TEST_OS") == "FreeBSD";

    /// <summary>What the environment of a process of kvol must have for it to start here.</summary>
    public static string[] Needs =>
        IsFreeBSD ? [.. new[] { "LD_LIBRARY_PATH", "STANDIN_STATE" }.Select(n => $"{n}={Environment.GetEnvironmentVariable(n)}")] : [];

    /// <summary>Descriptors that a process of kvol has beside its own: those with which the stand-in knows the mounts.</summary>
    public static int ForeignDescriptors => IsFreeBSD ? 2 : 0;
}
