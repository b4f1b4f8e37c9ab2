using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Kvol.Native;

namespace Kvol.Storage.Trees;

/// <summary>Files with several names, by device and inode: the first name that is met is copied, the others are linked to it.</summary>
internal sealed class HardLinks(OpenDirectories directories)
{
    private readonly Lock gate = new();
    private readonly Dictionary<FileIdentity, (DirectoryNode Directory, ByteString Name)> first = [];
    private readonly List<(FileIdentity Identity, DirectoryNode Directory, ByteString Name)> full = [];
    private readonly List<(FileIdentity Identity, int Flags)> protectedFiles = [];

    /// <summary>Makes the name: by <paramref name="create"/> if it is the first name of its file, otherwise as a link to the first. True
    /// for the first name, whose content the caller then copies.</summary>
    public bool CreateOrLink(DirectoryNode directory, CName name, FileIdentity identity, CreateFile create)
    {
        // A link needs an existing file, so the lock is held until the file is made; its content may follow.
        lock (gate)
        {
            if (!first.TryGetValue(identity, out var existing))
            {
                create(directory, name);
                first[identity] = (directory, name.Keep());
                return true;
            }

            if (existing.Directory == directory)
            {
                Files.MakeHardLink(directory.Target, existing.Name, directory.Target, name);
                return false;
            }

            using (var other = directories.OpenTarget(existing.Directory))
            {
                Files.MakeHardLink(other, existing.Name, directory.Target, name);
            }

            if (directory.Parent is null)
            {
                first[identity] = (directory, name.Keep()); // flags are held back by this name
            }

            return false;
        }
    }

    /// <summary>Makes the name as a new file, because the file system allows no more names for the one that has been made; the names that
    /// follow are linked to the new one. The caller copies its content.</summary>
    public void CreateAnother(DirectoryNode directory, CName name, FileIdentity identity, CreateFile create)
    {
        lock (gate)
        {
            create(directory, name);
            var existing = first[identity];
            full.Add((identity, existing.Directory, existing.Name));
            first[identity] = (directory, name.Keep());
        }
    }

    /// <summary>An immutable file takes no more links, so its flags wait for all of them.</summary>
    public void ProtectAtTheEnd(FileIdentity identity, int flags)
    {
        lock (gate)
        {
            protectedFiles.Add((identity, flags));
        }
    }

    /// <summary>Sets the flags that waited.</summary>
    public void Protect(FileMetadata metadata)
    {
        // By any of its names: another file that was made for the same one waits for them too.
        foreach (var (identity, flags) in protectedFiles.DistinctBy(p => p.Identity))
        {
            foreach (var (_, directory, name) in full.Where(f => f.Identity == identity)
                .Append((identity, first[identity].Directory, first[identity].Name)))
            {
                using var at = directories.OpenTarget(directory);
                metadata.SetFlags(directory, name, at, name, flags);
            }
        }
    }

    /// <summary>Makes a file of this name in the target.</summary>
    public delegate void CreateFile(DirectoryNode directory, CName name);
}
