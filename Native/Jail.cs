namespace Kvol.Native;

/// <summary>A running jail; <paramref name="Path"/> is its root directory as the host sees it.</summary>
internal sealed record Jail(int Id, string Name, ByteString Path);
