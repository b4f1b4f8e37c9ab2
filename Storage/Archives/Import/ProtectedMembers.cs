using System;
using System.Collections.Generic;
using Kvol.Native;
using Kvol.Storage.Values;

namespace Kvol.Storage.Archives;

/// <summary>Members other than directories that have flags that forbid changes. These flags are set last, because links to them and members
/// of the same name may follow.</summary>
/// <param name="later">Where they are kept.</param>
/// <param name="beyond">Makes the error (65) when there are too many.</param>
internal sealed class ProtectedMembers(LaterMembers later, Func<ByteString, string, KvolException> beyond)
{
    // Maps the hash of a path to the number of the kept member: the last one of a name counts.
    private readonly Dictionary<ulong, int> last = [];
    private int kept, atTop;

    /// <summary>Whether there are directories with such flags.</summary>
    public bool HasDirectories { get; private set; }

    /// <summary>Records a member that was made, whether or not it has such flags.</summary>
    public void Made(ArchivePath path, ulong hash, TarEntry entry, int flags)
    {
        if (last.Count > 0)
        {
            last.Remove(hash); // it was replaced
        }

        if (!Attributes.Protects(flags))
        {
            return;
        }

        CountIn(path, entry);
        last[hash] = kept++;
        later.Add(entry with { Path = new ByteString(path.Bytes), Attributes = [], Acls = [] });
    }

    /// <summary>Records that a directory has such flags; the directory itself is kept elsewhere.</summary>
    public void HasDirectory(ArchivePath path, TarEntry entry)
    {
        HasDirectories = true;
        CountIn(path, entry);
    }

    /// <summary>Those that are files and were not replaced.</summary>
    public IEnumerable<TarEntry> Read()
    {
        var numbers = new HashSet<int>(last.Values);
        var at = 0;
        foreach (var entry in later.Read())
        {
            if (numbers.Contains(at++))
            {
                yield return entry;
            }
        }
    }

    private void CountIn(ArchivePath path, TarEntry entry)
    {
        atTop += path.IsAtTop ? 1 : 0;
        if (last.Count == TarLimits.Protected || atTop > TarLimits.ProtectedAtTop)
        {
            throw beyond(entry.Path,
                $"has flags that forbid changes, and at most {TarLimits.Protected} members may, {TarLimits.ProtectedAtTop} of them in "
                    + "the top directory");
        }
    }
}
