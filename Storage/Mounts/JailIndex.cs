using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Storage.Mounts;

/// <summary>The root directories that have a record of a jail, by empty files named JAIL@ROOT in the run directory, so that finding a jail
/// does not read every record. It is a hint: the record decides. An entry is made before the record and removed after it.</summary>
internal sealed class JailIndex : IDisposable
{
    // NAME_MAX allows 255 bytes, and a jail's name may have more; names with the same beginning share an entry.
    private const int MostOfName = 200;

    // Exists when the index has entries for the records that are older than the index: kvol 0.1.0 writes no entries.
    private static readonly ByteString Complete = new(".complete");

    private readonly Fd directory;

    private JailIndex(Fd directory) => this.directory = directory;

    /// <summary>Opens the index in an open run directory; null if there is none.</summary>
    public static JailIndex? Find(Fd run, Upkeep upkeep) =>
        RunDirectory.OpenJails(run, upkeep, create: false) is { IsOpen: true } there ? new JailIndex(there) : null;

    /// <summary>Opens it, or makes it from <paramref name="all"/> records.</summary>
    public static JailIndex OpenOrMake(Fd run, Upkeep upkeep, Func<IReadOnlyList<RootRecord>> all)
    {
        var index = new JailIndex(RunDirectory.OpenJails(run, upkeep, create: true));
        if (!index.IsComplete)
        {
            foreach (var record in all())
            {
                record.Jails.ToList().ForEach(jail => index.Add(jail, record.Identity));
            }

            Files.OpenOrCreate(index.directory, Complete, Permissions.OwnerReadsAndWrites).Dispose();
        }

        return index;
    }

    /// <summary>Whether it has every record that kvol wrote; until then only the records tell.</summary>
    public bool IsComplete => Files.Exists(directory, Complete);

    public void Add(string jail, FileIdentity root) =>
        Files.OpenOrCreate(directory, NameOf(jail, root), Permissions.OwnerReadsAndWrites).Dispose();

    /// <summary>Removes an entry; a missing one is not an error.</summary>
    public void Remove(string jail, FileIdentity root) => Remove(NameOf(jail, root));

    /// <summary>The root directories that may have a record of a jail.</summary>
    public IReadOnlyList<FileIdentity> RootsOf(string jail)
    {
        var prefix = Prefix(jail);
        return [.. Entries().Where(e => e.Name.Bytes.StartsWith(prefix.Bytes) && e.Name.Bytes.LastIndexOf((byte)'@') == prefix.Length - 1)
            .Select(e => e.Root)];
    }

    /// <summary>Removes the entries of root directories that have no record, each under the root directory's lock.</summary>
    public void Sweep(IReadOnlySet<FileIdentity> recorded, Func<FileIdentity, IDisposable> lockRoot, Predicate<FileIdentity> hasRecord)
    {
        foreach (var (name, root) in Entries().Where(e => !recorded.Contains(e.Root)))
        {
            using var held = lockRoot(root);
            if (!hasRecord(root))
            {
                Remove(name);
            }
        }
    }

    public void Dispose() => directory.Dispose();

    private static ByteString Prefix(string jail)
    {
        var bytes = Encoding.UTF8.GetBytes(jail);
        return new ByteString(bytes.AsSpan(0, Math.Min(bytes.Length, MostOfName))).Plus(new ByteString("@"));
    }

    private static ByteString NameOf(string jail, FileIdentity root) => Prefix(jail).Plus(new ByteString(MountPointRegistry.NameOf(root)));

    private List<(ByteString Name, FileIdentity Root)> Entries()
    {
        var entries = new List<(ByteString, FileIdentity)>();
        using var listing = Files.Reopen(directory);
        var reader = new DirectoryReader();
        for (reader.Start(listing); reader.MoveNext();)
        {
            var at = reader.Name.Bytes.LastIndexOf((byte)'@');
            if (at > 0 && MountPointRegistry.IdentityOf(Encoding.UTF8.GetString(reader.Name.Bytes[(at + 1)..])) is { } root)
            {
                entries.Add((reader.Name.Keep(), root));
            }
        }

        return entries;
    }

    private void Remove(ByteString name)
    {
        try
        {
            Files.Remove(directory, name);
        }
        catch (NativeException e) when (e.Failure == Failure.NotFound)
        {
        }
    }
}
