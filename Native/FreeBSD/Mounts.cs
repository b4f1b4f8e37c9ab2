using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;

namespace Kvol.Native;

/// <summary>nullfs(5) mounts: nmount(2) from inside the open target, unmount(2) by file system id.</summary>
internal static unsafe class Mounts
{
    /// <summary>Whether a mount on a file is checked only after it was made: nmount(2) follows the last component of its place.</summary>
    public static bool FileMountsAreVerifiedAfterwards => true;

    /// <summary>Whether an unprivileged probe finds nmount(2): without options it is EINVAL. The kernel loads nullfs(5) when it is asked for.</summary>
    public static bool IsAvailable => Libc.nmount(null, 0, 0) >= 0 || Errno.Meaning(Marshal.GetLastPInvokeError()) != Failure.NoCall;

    /// <summary>Mounts the open <paramref name="source"/> (directory or file) onto the open <paramref name="target"/> by nmount(2). nullfs(5) shows
    /// nothing of what is mounted below the source, so <paramref name="recursive"/> makes one mount for each. The id of the first mount.</summary>
    public static ulong Bind(Fd source, Fd target, MountFlags flags, bool recursive)
    {
        var path = Files.PathOf(source);
        var table = recursive ? MountTable.Read() : null;
        var made = new List<ulong> { BindOne(source, path, target, flags) };
        try
        {
            if (table is not null && table.Entries.Any(e => e.Target.IsBelow(path)))
            {
                BindBelow(table, path, MountTable.Read().Find(made[0])?.Target ?? Files.PathOf(target), flags, made);
            }

            return made[0];
        }
        catch
        {
            foreach (var id in Enumerable.Reverse(made))
            {
                _ = UnmountId(id, 0);
            }

            throw;
        }
    }

    /// <summary>Unmounts what is mounted on <paramref name="name"/> in the directory, by unmount(2) with MNT_BYFSID: no path is looked up again.
    /// The caller has closed every descriptor into the mount.</summary>
    public static void Unmount(Fd directory, CName name, bool force)
    {
        var status = Files.Status(directory, name);
        if (!status.IsMountRoot)
        {
            throw Files.Failed("unmount", directory, name, Errno.EINVAL);
        }

        Files.Check(UnmountId(status.MountId, force ? Libc.MNT_FORCE : 0), "unmount", directory, name);
    }

    private static int UnmountId(ulong id, int flags)
    {
        fixed (byte* p = ((CName)new ByteString($"FSID:{(int)(uint)id}:{(int)(uint)(id >> 32)}")).Terminated)
        {
            return Libc.unmount(p, Libc.MNT_BYFSID | flags);
        }
    }

    private static void BindBelow(MountTable table, ByteString source, ByteString target, MountFlags flags, List<ulong> made)
    {
        using var top = RootedPath.OpenResolved(target);
        if (FileSystem.Id(top) != made[0])
        {
            throw Files.Failed("nmount", top, ""u8.ToName(), Errno.ENOENT); // moved meanwhile
        }

        foreach (var entry in table.Entries.Where(e => e.Target.IsBelow(source) && table.At(e.Target) == e))
        {
            using var from = RootedPath.OpenResolved(entry.Target);
            if (FileSystem.Id(from) == entry.Id) // else another mount above covers it
            {
                using var onto = RootedPath.OpenBelow(top, new ByteString(entry.Target.After(source).Bytes.TrimStart((byte)'/')));
                made.Add(BindOne(from, entry.Target, onto, flags));
            }
        }
    }

    private static ulong BindOne(Fd source, ByteString path, Fd target, MountFlags flags)
    {
        var status = Files.Status(target);
        if (status.Identity == Files.Status(source).Identity)
        {
            // mount_nullfs(8): older kernels fall over a directory that is mounted on itself.
            throw Files.Failed("nmount", target, ""u8.ToName(), Errno.EDEADLK);
        }

        if (status.IsDirectory)
        {
            return BindHere(target, new ByteString("."u8), path, flags);
        }

        // nmount(2) wants a name, and a file has one only in its directory: the one that the kernel knows, if that is this file still.
        var on = Files.PathOf(target);
        var slash = on.Bytes.LastIndexOf((byte)'/');
        var name = new ByteString(on.Bytes[(slash + 1)..]);
        using var parent = RootedPath.OpenResolved(slash <= 0 ? new ByteString("/"u8) : new ByteString(on.Bytes[..slash]));
        return Files.Status(parent, name).Identity == status.Identity ? BindHere(parent, name, path, flags)
            : throw new NativeException("nmount", on.ToString(), Errno.EOPNOTSUPP, "the file was moved while it was being mounted on");
    }

    private static ulong BindHere(Fd directory, ByteString name, ByteString source, MountFlags flags)
    {
        var at = Files.PathOf(directory);
        var path = name.Bytes is [(byte)'.'] ? at : at.Plus(new ByteString([(byte)'/', .. name.Bytes]));
        var id = WorkingDirectory.Run(directory, back: false, () =>
        {
            Call(name, source, flags);

            // The kernel has moved this process from the covered directory onto the mount; from there, and by the name of a file, it is seen.
            using var there = Files.OpenReference(Files.Here, name);
            return FileSystem.Id(there);
        });
        var table = MountTable.Read();
        var entry = table.Find(id) is { } seen && IsOurs(seen) ? seen : table.At(path);
        return entry is not null && IsOurs(entry) ? entry.Id
            : throw new NativeException("nmount", source.ToString(), Errno.ENOENT, "the new mount is not where it was made");

        bool IsOurs(MountEntry e) => e.FileSystem == Host.BindType && e.Source.Equals(source);
    }

    private static void Call(ByteString name, ByteString source, MountFlags flags)
    {
        var error = stackalloc byte[255];
        new Span<byte>(error, 255).Clear();
        var options = stackalloc Libc.Iovec[16];
        uint count = 0;
        fixed (byte* type = "fstype\0"u8, nullfs = "nullfs\0"u8, fspath = "fspath\0"u8, on = ((CName)name).Terminated, target = "target\0"u8,
            from = ((CName)source).Terminated, nocover = "nocover\0"u8, ro = "ro\0"u8, nosuid = "nosuid\0"u8, noexec = "noexec\0"u8, errmsg = "errmsg\0"u8)
        {
            Add(type, 7, nullfs, 7);
            Add(fspath, 7, on, name.Length + 1);
            Add(target, 7, from, source.Length + 1); // "from" alone is not understood before 13
            Add(nocover, 8, null, 0);
            if ((flags & MountFlags.ReadOnly) != 0)
            {
                Add(ro, 3, null, 0);
            }

            if ((flags & MountFlags.NoSuid) != 0)
            {
                Add(nosuid, 7, null, 0);
            }

            if ((flags & MountFlags.NoExec) != 0)
            {
                Add(noexec, 7, null, 0);
            }

            Add(errmsg, 7, error, 255);
            if (Libc.nmount(options, count, 0) < 0)
            {
                var errno = Marshal.GetLastPInvokeError();
                var text = FileSystem.Text(error, 255);
                throw new NativeException("nmount", source.ToString(), errno, text.Length == 0 ? null : text.ToString());
            }
        }

        void Add(byte* option, int length, byte* value, int size)
        {
            options[count++] = new() { iov_base = option, iov_len = (nuint)length };
            options[count++] = new() { iov_base = value, iov_len = (nuint)size };
        }
    }
}
