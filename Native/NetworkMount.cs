namespace Kvol.Native;

/// <summary>The mount of a file system that another host serves.</summary>
/// <param name="Type">Its type in the mount table.</param>
/// <param name="Source">What is mounted: HOST:PATH.</param>
/// <param name="LocalLocks">The mount option by which locks hold on this host only; null if they hold at the server.</param>
/// <param name="Remedy">What to mount it with, or without, so that they hold between hosts.</param>
internal sealed record NetworkMount(string Type, string Source, string? LocalLocks, string Remedy);
