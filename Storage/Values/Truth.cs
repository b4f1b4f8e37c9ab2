namespace Kvol.Storage.Values;

/// <summary>A yes or no, in every spelling that container tools and base systems take.</summary>
internal static class Truth
{
    /// <summary>True or false; null for any other text.</summary>
    public static bool? TryParse(string? text) => text?.ToLowerInvariant() switch
    {
        "1" or "t" or "true" or "yes" or "on" => true,
        "0" or "f" or "false" or "no" or "off" => false,
        _ => null,
    };
}
