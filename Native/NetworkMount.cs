namespace Kvol.Native;

/// <summary>The mount of a file system that another host serves.</summary>
/// <param name="Type">Its type in the mount table.</param>
/// <param name="Source">What is mounted: HOST:PATH.</param>
/// <param name="Unsafe">The mount option with which hosts cannot share a store there; null if there is none.</param>
internal sealed record NetworkMount(string Type, string Source, UnsafeOption? Unsafe);

/// <summary>A mount option with which hosts cannot share a store.</summary>
/// <param name="Effect">What follows from it, as a clause.</param>
/// <param name="Remedy">What to mount the file system with, or without, instead.</param>
internal sealed record UnsafeOption(string Name, string Effect, string Remedy)
{
    /// <summary>The option without close-to-open consistency, nfs(5) and mount_nfs(8): a host may then use what it remembers of a
    /// directory that another host has changed.</summary>
    public static UnsafeOption NoCto { get; } =
        new("nocto", "this host need not see what other hosts record", "the option cto in place of nocto");

    /// <summary>An option by which locks hold on this host only.</summary>
    public static UnsafeOption OfLocks(string name, string remedy) => new(name, "locks do not hold between hosts", remedy);
}
