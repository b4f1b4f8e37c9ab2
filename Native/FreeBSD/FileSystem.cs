using System;
using System.Collections.Concurrent;

namespace Kvol.Native;

/// <summary>What a file is and which mounted file system it is seen through: stat(2), statfs(2). Only an object that something is mounted
/// on is opened for this.</summary>
internal static unsafe class FileSystem
{
    // A nullfs mount shows the same source as long as it exists, and the kernel does not soon reuse a file system id (vfs_getnewfsid,
    // sys/kern/vfs_subr.c).
    private static readonly ConcurrentDictionary<ulong, ulong> LowerDevices = new();

    /// <summary>f_fsid of a statfs(2) record as one number.</summary>
    public static ulong Id(in Libc.Statfs s) => (uint)s.f_fsid.val[0] | ((ulong)(uint)s.f_fsid.val[1] << 32);

    /// <summary>f_fsid of the open object's file system, fstatfs(2).</summary>
    public static ulong Id(Fd fd)
    {
        Libc.Statfs s;
        Read(fd, &s);
        return Id(s);
    }

    /// <summary>fstatfs(2).</summary>
    public static void Read(Fd fd, Libc.Statfs* s) => Files.Check(Libc.fstatfs(fd.Number, s), "fstatfs", fd);

    /// <summary>fstat(2).</summary>
    public static void Read(Fd fd, Libc.Stat* s) => Files.Check(Libc.fstat(fd.Number, s), "fstat", fd);

    /// <summary>fstatat(2) of a name, the link itself when it is one and <paramref name="follow"/> is false.</summary>
    public static void Read(Fd at, CName name, Libc.Stat* s, bool follow = false)
    {
        fixed (byte* p = name.Terminated)
        {
            Files.Check(Libc.fstatat(at.Number, p, s, follow ? 0 : Libc.AT_SYMLINK_NOFOLLOW), "fstatat", at, name);
        }
    }

    /// <inheritdoc cref="Files.Place"/>
    public static FilePlace Place(Fd at, CName path)
    {
        Libc.Stat s;
        if (path.Bytes.IsEmpty)
        {
            Read(at, &s);
        }
        else
        {
            Read(at, path, &s);
        }

        return new FilePlace(new FileIdentity(s.st_dev, s.st_ino), s.st_dev);
    }

    /// <summary>A NUL-terminated field of a record.</summary>
    public static ByteString Text(byte* field, int size)
    {
        var bytes = new ReadOnlySpan<byte>(field, size);
        var end = bytes.IndexOf((byte)0);
        return new ByteString(end < 0 ? bytes : bytes[..end]);
    }

    /// <summary>fstat(2) and fstatfs(2) of an open directory or file.</summary>
    public static FileStatus Status(Fd fd)
    {
        Libc.Stat s;
        Libc.Statfs fs;
        Read(fd, &s);
        if (Files.Kind(s.st_mode) is FileKind.Fifo or FileKind.Socket)
        {
            fs = default;
            return Status(s, &fs, isRoot: false); // a pipe lies in no file system: fstatfs(2), EINVAL
        }

        Read(fd, &fs);
        var root = Files.Kind(s.st_mode) == FileKind.Directory ? IsRoot(fd, s) : IsNullfs(&fs)
            && IsAt(s, Text(fs.f_mntonname, Libc.MNAMELEN));
        return Status(s, &fs, root);
    }

    /// <summary>fstatat(2) of one name in a directory. st_dev tells mounts apart (null_getattr of sys/fs/nullfs/null_vnops.c and its like),
    /// so an object with the directory's st_dev is seen through the directory's mount, and kvol opens an object only if something is
    /// mounted on it.</summary>
    public static FileStatus Status(Fd directory, CName name)
    {
        if (directory.Number == Libc.AT_FDCWD)
        {
            // It is no descriptor that fstat(2) and fstatfs(2) take, and the path may lead into another file system.
            var slash = name.Bytes.LastIndexOf((byte)'/');
            using var above = Files.OpenDirectory(new ByteString(slash < 0 ? "."u8 : slash == 0 ? "/"u8 : name.Bytes[..slash]));
            var last = name.Bytes[(slash + 1)..];
            return last.IsEmpty ? Status(above) : Status(above, new ByteString(last));
        }

        Libc.Stat s, parent;
        Read(directory, name, &s);
        Read(directory, &parent);
        if (s.st_dev == parent.st_dev)
        {
            Libc.Statfs fs;
            Read(directory, &fs);
            return Status(s, &fs, isRoot: false);
        }

        using var root = Files.Kind(s.st_mode) == FileKind.Directory ? Files.OpenDirectory(directory, name)
            : Files.OpenRead(directory, name);
        return Status(root) with { IsMountRoot = true };
    }

    /// <summary>Whether two stat(2) records describe one file of one file system, through whatever nullfs(5): that passes on everything
    /// except st_dev. The generation is random, and a time of change cannot be chosen.</summary>
    public static bool IsSameBelow(in Libc.Stat a, in Libc.Stat b) =>
        a.st_ino == b.st_ino && a.st_gen == b.st_gen && Files.Kind(a.st_mode) == Files.Kind(b.st_mode)
            && Time(a.st_birthtim) == Time(b.st_birthtim);

    /// <summary>Whether the source of a nullfs(5) mount was removed: its root then has a link count of 0.</summary>
    public static bool IsRemoved(ByteString mountedOn, ulong id)
    {
        Libc.Stat s;
        fixed (byte* p = mountedOn.Terminated)
        {
            // The name may lead elsewhere by now; in a nullfs mount, st_dev is the first half of the mount's id.
            return Libc.fstatat(Libc.AT_FDCWD, p, &s, Libc.AT_SYMLINK_NOFOLLOW) == 0 && s.st_nlink == 0 && (uint)s.st_dev == (uint)id;
        }
    }

    /// <summary>Whether a statfs(2) record describes a nullfs(5) mount.</summary>
    public static bool IsNullfs(Libc.Statfs* fs) => new ReadOnlySpan<byte>(fs->f_fstypename, Libc.MFSNAMELEN).StartsWith("nullfs\0"u8);

    private static FileStatus Status(in Libc.Stat s, Libc.Statfs* fs, bool isRoot)
    {
        var id = Id(*fs);
        var device = !IsNullfs(fs) ? s.st_dev : LowerDevices.GetOrAdd(id, static (_, from) => LowerDevice(from.Path, from.On, from.Device),
            (Path: Text(fs->f_mntfromname, Libc.MNAMELEN), On: Text(fs->f_mntonname, Libc.MNAMELEN), Device: s.st_dev));
        return new FileStatus(
            Files.Kind(s.st_mode), s.st_mode & ~Libc.S_IFMT, s.st_uid, s.st_gid, new FileIdentity(device, s.st_ino), s.st_nlink, s.st_size,
                s.st_blocks * 512,
            Time(s.st_atim), Time(s.st_mtim), Time(s.st_birthtim), s.st_rdev, id, isRoot)
        {
            ChangeTime = Time(s.st_ctim),
        };
    }

    // ".." of the root of a mount is the parent of what it covers; the root of everything is its own parent.
    private static bool IsRoot(Fd directory, in Libc.Stat s)
    {
        Libc.Stat above;
        fixed (byte* up = "..\0"u8)
        {
            // It fails in a directory that was removed.
            return Libc.fstatat(directory.Number, up, &above, 0) == 0 && (above.st_dev != s.st_dev || above.st_ino == s.st_ino);
        }
    }

    // nullfs reports its own device number, and everything else from the file below. One file must have one identity through every mount,
    // so kvol looks up the device below by the path that was mounted. If that path leads elsewhere by now, the device number of nullfs
    // stays.
    private static ulong LowerDevice(ByteString source, ByteString on, ulong own)
    {
        Libc.Stat below, root;
        fixed (byte* s = source.Terminated, o = on.Terminated)
        {
            if (Libc.fstatat(Libc.AT_FDCWD, s, &below, 0) < 0 || Libc.fstatat(Libc.AT_FDCWD, o, &root, 0) < 0 || root.st_dev != own
                || below.st_dev == own
                || !IsSameBelow(below, root))
            {
                return own;
            }
        }

        try
        {
            using var fd = Files.OpenReference(source);
            return Status(fd).Identity.Device; // it may itself be seen through a nullfs
        }
        catch (NativeException e) when (!e.IsWrongQuestion)
        {
            return own;
        }
    }

    private static bool IsAt(in Libc.Stat s, ByteString path)
    {
        Libc.Stat there;
        fixed (byte* p = path.Terminated)
        {
            return Libc.fstatat(Libc.AT_FDCWD, p, &there, Libc.AT_SYMLINK_NOFOLLOW) == 0 && there.st_ino == s.st_ino
                && there.st_dev == s.st_dev;
        }
    }

    private static FileTime Time(in Libc.Timespec time) => new(time.tv_sec, time.tv_nsec);
}
