using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Values;

namespace Kvol.Storage.Mounts;

/// <summary>The directory that is / inside a jail. The administrator owns its path, which is resolved once; the jail owns every path
/// inside, which the kernel resolves as if chrooted.</summary>
internal sealed class RootDirectory : IDisposable
{
    /// <summary>The most components of a path whose missing ones kvol makes.</summary>
    public const int MostParts = 256;

    /// <summary>The most symbolic links that are followed in one path.</summary>
    public const int MaximumLinks = 40; // MAXSYMLINKS of Linux

    private RootDirectory(Fd fd)
    {
        Descriptor = fd;
        Path = Files.PathOf(fd);
        var status = Files.Status(fd);
        (Identity, MountId) = (status.Identity, status.MountId);
    }

    public Fd Descriptor { get; }

    /// <summary>Its path on the host, links resolved.</summary>
    public ByteString Path { get; }

    public FileIdentity Identity { get; }

    /// <summary>The path of a directory store, links resolved; null for other stores, and when there is none yet.</summary>
    public ByteString? Store { get; private set; }

    /// <summary>The mount that it is on; another mount inside covers a part of it.</summary>
    public ulong MountId { get; }

    /// <summary>Opens it, or throws an error (64, 66) that says why it cannot be a root directory.</summary>
    public static RootDirectory Open(string path, string storeRoot)
    {
        if (path.Length == 0 || path.Contains('\uFFFD', StringComparison.Ordinal))
        {
            throw new KvolException(ExitStatus.Usage, path.Length == 0 ? "''" : path, "the root directory must be a path in UTF-8");
        }

        RootDirectory root;
        try
        {
            root = new RootDirectory(Files.OpenDirectory(new ByteString(HostPath.Absolute(path))));
        }
        catch (NativeException e) when (e.Failure is Failure.NotFound or Failure.NotDirectory)
        {
            throw new KvolException(ExitStatus.NoInput, new ByteString(path).ToString(), e.Failure == Failure.NotFound
                ? "the root directory does not exist" : "the root directory is not a directory");
        }
        catch (NativeException e) when (e.Failure == Failure.NameTooLong)
        {
            throw new KvolException(ExitStatus.Usage, Shown.Word(path), "the path of the root directory is too long");
        }

        root.Store = PathOfStore(storeRoot);
        var host = Files.Status(Files.Here, CName.Of("/\0"u8)).Identity;
        var reason = root.Identity == host ? "is the root of this host, not a root directory"
            : root.Store is { } store && root.Path.IsAtOrBelow(store) ? "lies inside the store; a jail must not live there"
            : null;
        return reason is null ? root : throw new KvolException(ExitStatus.Usage, root.Path.ToString(), reason);
    }

    /// <summary>Opens it; null if there is no such directory.</summary>
    public static RootDirectory? TryOpen(string path, string storeRoot)
    {
        try
        {
            return Open(path, storeRoot);
        }
        catch (KvolException e) when (e.Status == ExitStatus.NoInput)
        {
            return null;
        }
    }

    /// <summary>Whether a root directory's path certainly leads to no directory; false if that cannot be examined.</summary>
    public static bool IsGone(string path)
    {
        try
        {
            using var there = Files.OpenReference(new ByteString(path));
            return !Files.Status(there).IsDirectory;
        }
        catch (NativeException e) when (!e.IsWrongQuestion)
        {
            return e.Failure is Failure.NotFound or Failure.NotDirectory;
        }
    }

    /// <summary>Opens a path inside; null if it, or a component of it, does not exist.</summary>
    public Fd? Find(string path)
    {
        try
        {
            return RootedPath.Open(Descriptor, new ByteString(path));
        }
        catch (NativeException e) when (e.Failure == Failure.NotFound)
        {
            return null;
        }
        catch (NativeException e)
        {
            throw Unusable(path, e);
        }
    }

    /// <summary>Opens the parent directory of a path.</summary>
    public Fd OpenParent(string path, out ByteString name)
    {
        var slash = path.LastIndexOf('/');
        name = new ByteString(path[(slash + 1)..]);
        return RootedPath.Open(Descriptor, new ByteString(slash <= 0 ? "/" : path[..slash]));
    }

    /// <summary>Opens a path inside and makes what is missing: directories, and an empty file at the end if <paramref name="file"/>. If a
    /// symbolic link dangles, its target is made inside the root directory. Everything made is first planned in the records.</summary>
    public Fd FindOrMake(string path, bool file, MountPointRecords records)
    {
        var planned = new HashSet<string>();
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries).ToList();
        for (var links = 0; ;)
        {
            if (Find(Join(parts, parts.Count)) is { } found)
            {
                if (planned.Count > 0)
                {
                    records.Commit(planned);
                }

                return found;
            }

            if (parts.Count > MostParts)
            {
                throw TooDeep(path, parts.Count);
            }

            var depth = parts.Count - 1;
            Fd? held;
            while ((held = Find(Join(parts, depth))) is null)
            {
                depth--;
            }

            using var parent = held.Value;
            var name = new ByteString(parts[depth]);
            if (ReadLink(parent, name) is { } target)
            {
                if (++links > MaximumLinks)
                {
                    throw new KvolException(ExitStatus.CannotCreate, path, "too many symbolic links");
                }

                // The kernel resolves the whole path again, with the link's target in place of the link.
                parts = [.. target.StartsWith('/') ? []
                    : parts.Take(depth), .. target.Split('/', StringSplitOptions.RemoveEmptyEntries), .. parts.Skip(depth + 1)];
                continue;
            }

            var missing = Enumerable.Range(depth + 1, parts.Count - depth).Select(count => Join(parts, count)).Where(planned.Add).ToArray();
            if (missing.Length > 0)
            {
                records.Plan(missing);
            }

            try
            {
                if (file && depth == parts.Count - 1)
                {
                    Files.MakeNode(parent, name, FileKind.Regular, Permissions.AllRead, 0);
                }
                else
                {
                    Files.MakeDirectory(parent, name, Permissions.AllEnter);
                }
            }
            catch (NativeException e) when (e.Failure == Failure.Exists)
            {
                continue; // another process made it: look again
            }
            catch (NativeException e)
            {
                throw new KvolException(ExitStatus.CannotCreate, e.Subject, "cannot make the mount point: "
                    + (e.Failure == Failure.Overflow ? "it would lie in a mount with 'idmap', and that user namespace has no id for "
                        + "root of the host; make it in the source of that mount first" : e.Reason));
            }

            records.Add(MountPointRecords.Of(this, Join(parts, depth + 1), parent, Files.Status(parent, name)));
        }
    }

    /// <summary>The error (73) of a path with too many components: a symbolic link of the jail can have thousands, and each missing one is
    /// looked up from the top.</summary>
    public static KvolException TooDeep(string path, int count) => new(ExitStatus.CannotCreate, path,
        $"leads through {count} directories, some of which do not exist; kvol makes mount points at most {MostParts} deep: make it first");

    public void Dispose() => Descriptor.Dispose();

    private static ByteString? PathOfStore(string root)
    {
        if (!root.StartsWith('/'))
        {
            return null;
        }

        try
        {
            using var store = Files.OpenDirectory(new ByteString(root));
            return Files.PathOf(store);
        }
        catch (NativeException e) when (!e.IsWrongQuestion)
        {
            return null; // no store yet
        }
    }

    /// <summary>The path of the first parts.</summary>
    public static string Join(List<string> parts, int count) => "/" + string.Join('/', parts.Take(count));

    /// <summary>The target of a symbolic link; null if it is not one, or does not exist.</summary>
    public static string? ReadLink(Fd at, ByteString name)
    {
        try
        {
            var text = System.Text.Encoding.UTF8.GetString(Files.ReadSymbolicLink(at, name).Bytes);
            return text.Contains('\uFFFD', StringComparison.Ordinal)
                ? throw new KvolException(ExitStatus.CannotCreate, name.ToString(),
                    "is a link to a name that is not UTF-8 and does not exist; make it first") : text;
        }
        catch (NativeException e) when (e.Failure is Failure.Invalid or Failure.NotFound)
        {
            return null; // not a link, or it does not exist
        }
    }

    private static KvolException Unusable(string path, NativeException e) => e.Failure switch
    {
        Failure.NotDirectory => new KvolException(ExitStatus.CannotCreate, path, "a part of the destination is a file, not a directory"),
        Failure.WrongType =>
            new KvolException(ExitStatus.CannotCreate, path, "is neither a directory nor a regular file; nothing can be mounted on it"),
        Failure.Loop => new KvolException(ExitStatus.CannotCreate, path,
            "too many symbolic links in the destination, or one that leads out of this file tree"),
        Failure.WouldBlock => new KvolException(ExitStatus.Busy, path, e.Reason),
        Failure.NoCall => new KvolException(ExitStatus.Unavailable, path,
            "this kernel cannot resolve a path safely inside a root directory; openat2 of Linux 5.6 is needed"),
        Failure.NameTooLong =>
            new KvolException(ExitStatus.Usage, path.Length > 80 ? path[..80] + "..." : path, "the destination is too long"),
        _ => new KvolException(ExitStatus.SystemError, path, e.Reason),
    };
}
