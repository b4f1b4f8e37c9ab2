using System;
using System.Collections.Generic;

namespace Kvol.Native;

/// <summary>Paths that must not lead out of a directory: openat(2) component by component. The kernel's own O_RESOLVE_BENEATH refuses
/// absolute links, which a root directory is full of.</summary>
internal static class RootedPath
{
    private const int Exchanges = 64;

    /// <summary>Opens a path as if chrooted into <paramref name="root"/>: links are followed, absolute ones and <c>..</c> stay inside.
    /// A directory or a regular file, to read (open(2)); <see cref="Failure.WrongType"/> for anything else.</summary>
    public static Fd Open(Fd root, CName path) => Walk(root, path, follow: true);

    /// <summary>Opens a path that the kernel reported and that therefore has no links; an error when it has one by now. openat(2) from the
    /// root.</summary>
    public static Fd OpenResolved(CName path)
    {
        using var root = Files.OpenDirectory(CName.Of("/\0"u8));
        return Walk(root, path, follow: false);
    }

    /// <summary>Opens a path below a directory by openat(2); a link in it is an error.</summary>
    public static Fd OpenBelow(Fd directory, CName path) => Walk(directory, path, follow: false);

    /// <summary>Opens a directory entry to read, not through a link and not across a mount, by openat(2) and fstatfs(2).
    /// <see cref="Failure.CrossDevice"/> when something is mounted on it.</summary>
    public static Fd OpenDirectoryBelow(Fd directory, CName name)
    {
        var fd = Files.OpenDirectory(directory, name);
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

        // The walk keeps the descriptors on the way down, so that ".." returns to where it came from even after a concurrent rename.
        var held = new List<Fd> { Files.Reopen(root) };
        try
        {
            var rest = new Stack<ByteString>();
            Push(rest, path.Bytes);
            var exchanges = 0;
            for (var links = 0; rest.TryPop(out var part);)
            {
                if (part.Bytes is [(byte)'.', (byte)'.'])
                {
                    Drop(held, Math.Max(held.Count - 1, 1));
                    continue;
                }

                if (Step(held[^1], part, rest.Count == 0) is { } next)
                {
                    held.Add(next);
                    continue;
                }

                if (!follow || ++links > Libc.MAXSYMLINKS)
                {
                    throw Files.Failed("openat", held[^1], part, Errno.ELOOP);
                }

                if (ReadLink(held[^1], part) is not { } target)
                {
                    if (++exchanges == Exchanges)
                    {
                        throw new NativeException("openat", path.ToString(), Errno.EAGAIN,
                            "something on the way is renamed again and again; try again");
                    }

                    links--;
                    rest.Push(part); // a link was exchanged for something else: look again
                    continue;
                }

                if (target.Length == 0)
                {
                    throw Files.Failed("openat", held[^1], part, Errno.ENOENT);
                }

                if (target.Bytes[0] == '/')
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

    /// <summary>The target of a link; null when it is no longer a link, readlink(2): EINVAL.</summary>
    private static ByteString? ReadLink(Fd directory, ByteString name)
    {
        try
        {
            return Files.ReadSymbolicLink(directory, name);
        }
        catch (NativeException e) when (e.Failure == Failure.Invalid)
        {
            return null;
        }
    }

    /// <summary>Opens one component: a directory, or at the end of the path a file; null when it is a link.</summary>
    private static Fd? Step(Fd directory, ByteString part, bool last)
    {
        try
        {
            return last ? Files.OpenReference(directory, part)
                : Files.Open(directory, part, Libc.O_RDONLY | Libc.O_DIRECTORY | Libc.O_NOFOLLOW, 0, "openat");
        }
        catch (NativeException e) when (e.Failure == Failure.Loop)
        {
            return null; // EMLINK: O_NOFOLLOW of open(2) met a link
        }
        catch (NativeException e) when (e.Failure == Failure.NotSupported)
        {
            throw Files.Failed("openat", directory, part, Errno.ENOTDIR); // a socket
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
