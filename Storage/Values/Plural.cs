using System.Globalization;

namespace Kvol.Storage.Values;

/// <summary>Numbers in sentences.</summary>
internal static class Plural
{
    /// <summary>A number with its noun in singular or plural: <c>1 file</c>, <c>1,204 files</c>.</summary>
    public static string Of(long number, string noun) =>
        string.Create(CultureInfo.InvariantCulture, $"{number:N0} {noun}{(number == 1 ? "" : "s")}");
}
