using System.IO;
using System.Runtime.CompilerServices;

namespace Kvol.Tests.Support;

/// <summary>The tree that the tests were built from.</summary>
internal static class SourceTree
{
    /// <summary>The directory of the project.</summary>
    public static string Top { get; } = Find();

    private static string Find([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", ".."));
}
