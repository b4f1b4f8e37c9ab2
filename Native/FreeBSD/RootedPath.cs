using System;
using System.Collections.Generic;

namespace Kvol.Native;

/// <summary>Paths that must not lead out of a directory: openat(2) component by component. The kernel's own O_RESOLVE_BENEATH refuses absolute
/// links, which a root directory is full of.</summary>
internal static class RootedPath
{
    private const int MaximumLinks = 32; // MAXSYMLINKS

    /// <summary>Opens a path as if chrooted into <paramref name="root"/>: links are followed, absolute ones and <c>..</c> stay inside.
    /// A mere reference (O_PATH of open(2)) to whatever it is.</summary>
    public static Fd Open(Fd root, CName path) => Walk(root, path, follow: true);

    /// <summary>Opens a path that the kernel gave and that therefore has no links; one that has by now is an error. openat(2) from the root.</summary>
    public static Fd OpenResolved(CName path)
    {
        using var root = Files.OpenReference("/"u8.ToName());
        return Walk(root, path, follow: false);
    }

    /// <summary>Opens a path below a directory by openat(2); a link in it is an error.</summary>
    public static Fd OpenBelow(Fd directory, CName path) => Walk(directory, path, follow: false);

    /// <summary>Opens a directory entry to read, not through a link and not across a mount, by openat(2) and fstatfs(2).
    /// <see cref="Failure.CrossDevice"/> when something is mounted on it.</summary>
    public static Fd OpenDirectoryBelow(Fd directory, CName name)
    {
        var fd = Files.Open(directory, name, Libc.O_RDONLY | Libc.O_DIRECTORY | Libc.O_NOFOLLOW, 0, "openat");
        try
        {
            return FileSystem.Id(fd) == FileSystem.Id(directory) ? fd : throw Files.Failed("openat", directory, name, Errno.EXDEV);
        }
        catch
        {
            fd.Dispose();
            throw;
        }
    }

    private static Fd Walk(Fd root, CName path, bool follow)
    {
        if (path.Bytes.IsEmpty)
        {
            throw Files.Failed("openat", root, path, Errno.ENOENT);
        }

        // The descriptors on the way down are held, so that ".." goes back to where the walk came from even when that was moved meanwhile.
        var held = new List<Fd> { Files.OpenReference(root, "."u8.ToName()) };
        try
        {
            var rest = new Stack<ByteString>();
            Push(rest, path.Bytes);
            for (var links = 0; rest.TryPop(out var part);)
            {
                if (part.Bytes is [(byte)'.', (byte)'.'])
                {
                    Files.OpenReference(held[^1], "."u8.ToName()).Dispose(); // ENOTDIR behind a file
                    if (held.Count > 1)
                    {
                        Drop(held, held.Count - 1);
                    }

                    continue;
                }

                var next = Files.OpenReference(held[^1], part);
                held.Add(next);
                if (FileSystem.Kind(next) != FileKind.SymbolicLink)
                {
                    continue;
                }

                Drop(held, held.Count - 1);
                if (!follow || ++links > MaximumLinks)
                {
                    throw Files.Failed("openat", held[^1], part, Errno.ELOOP);
                }

                var target = Files.ReadSymbolicLink(held[^1], part);
                if (target.Bytes is [(byte)'/', ..])
                {
                    Drop(held, 1);
                }

                Push(rest, target.Bytes);
            }

            var found = held[^1];
            held.RemoveAt(held.Count - 1);
            return found;
        }
        finally
        {
            Drop(held, 0);
        }
    }

    private static void Push(Stack<ByteString> rest, ReadOnlySpan<byte> path)
    {
        if (path is [.., (byte)'/'])
        {
            rest.Push(new ByteString("."u8)); // a slash at the end asks for a directory
        }

        while (!path.IsEmpty)
        {
            var slash = path.LastIndexOf((byte)'/');
            var part = path[(slash + 1)..];
            if (!part.IsEmpty)
            {
                rest.Push(new ByteString(part));
            }

            path = slash < 0 ? [] : path[..slash];
        }
    }

    private static void Drop(List<Fd> held, int from)
    {
        for (var i = held.Count - 1; i >= from; i--)
        {
            held[i].Dispose();
            held.RemoveAt(i);
        }
    }
}
