using System;
using System.Collections.Concurrent;

namespace Kvol.Native;

/// <summary>Which mounted file system an object is seen through: statfs(2).</summary>
internal static unsafe class FileSystem
{
    private static readonly ConcurrentDictionary<ulong, ulong> LowerDevices = new();

    /// <summary>f_fsid of a statfs(2) record as one number.</summary>
    public static ulong Id(in Libc.Statfs s) => s.f_fsid_0 | ((ulong)s.f_fsid_1 << 32);

    /// <summary>f_fsid of the open object's file system, fstatfs(2).</summary>
    public static ulong Id(Fd fd)
    {
        Libc.Statfs s;
        Check(fd, &s);
        return Id(s);
    }

    /// <summary>A NUL-terminated field of a statfs(2) record.</summary>
    public static ByteString Text(byte* field, int size)
    {
        var bytes = new ReadOnlySpan<byte>(field, size);
        var end = bytes.IndexOf((byte)0);
        return new ByteString(end < 0 ? bytes : bytes[..end]);
    }

    /// <summary>fstat(2) and fstatfs(2); <paramref name="directory"/> is the file system of the directory that the object was looked up in,
    /// where that is known.</summary>
    public static FileStatus Status(Fd fd, ulong? directory)
    {
        Libc.Stat s;
        Libc.Statfs fs;
        Files.Check(Libc.fstat(fd.Number, &s), "fstat", fd, ""u8.ToName());
        Check(fd, &fs);
        var id = Id(fs);
        var kind = Kind(s.st_mode);
        var nullfs = IsNullfs(&fs);
        var device = nullfs ? LowerDevices.GetOrAdd(id, static (_, from) => LowerDevice(from.Path, from.On, from.Device),
            (Path: Text(fs.f_mntfromname, Libc.MNAMELEN), On: Text(fs.f_mntonname, Libc.MNAMELEN), Device: s.st_dev)) : s.st_dev;
        var root = kind == FileKind.Directory ? IsRoot(fd, s, id)
            : (directory is { } d && d != id) || (nullfs && kind == FileKind.Regular && IsAt(s, Text(fs.f_mntonname, Libc.MNAMELEN)));
        return new FileStatus(
            kind, s.st_mode & 0xfffu, s.st_uid, s.st_gid, new FileIdentity(device, s.st_ino), s.st_nlink, s.st_size, s.st_blocks * 512,
            Time(s.st_atim), Time(s.st_mtim), Time(s.st_birthtim), s.st_rdev, id, root);
    }

    /// <summary>The type of the open object, fstat(2).</summary>
    public static FileKind Kind(Fd fd)
    {
        Libc.Stat s;
        Files.Check(Libc.fstat(fd.Number, &s), "fstat", fd, ""u8.ToName());
        return Kind(s.st_mode);
    }

    /// <summary>Whether what a nullfs(5) shows was removed: its root then has no link left.</summary>
    public static bool IsRemoved(ByteString mountedOn, ulong id)
    {
        try
        {
            using var fd = Files.OpenReference(Files.Here, mountedOn);
            Libc.Stat s;
            return Libc.fstat(fd.Number, &s) == 0 && s.st_nlink == 0 && Id(fd) == id;
        }
        catch (NativeException)
        {
            return false;
        }
    }

    private static FileKind Kind(ushort mode) => (mode & 0xf000) switch
    {
        0x8000 => FileKind.Regular,
        0x4000 => FileKind.Directory,
        0xa000 => FileKind.SymbolicLink,
        0x2000 => FileKind.CharacterDevice,
        0x6000 => FileKind.BlockDevice,
        0x1000 => FileKind.Fifo,
        0xc000 => FileKind.Socket,
        _ => FileKind.Unknown,
    };

    // ".." of the root of a mount is the parent of what it covers; the root of everything is its own parent.
    private static bool IsRoot(Fd fd, in Libc.Stat s, ulong id)
    {
        try
        {
            using var up = Files.Open(fd, ".."u8.ToName(), Libc.O_PATH | Libc.O_DIRECTORY, 0, "openat");
            Libc.Stat above;
            return Id(up) != id || (Libc.fstat(up.Number, &above) == 0 && above.st_ino == s.st_ino && above.st_dev == s.st_dev);
        }
        catch (NativeException e) when (e.Failure == Failure.NotFound)
        {
            return false; // removed
        }
    }

    // nullfs gives its own device number to what it shows, and the inode number of the object below. One object must have one identity
    // whatever way it is seen, so the device below is looked up by the path that was mounted; if that leads elsewhere by now, the own one stays.
    private static ulong LowerDevice(ByteString source, ByteString on, ulong own)
    {
        try
        {
            using var below = Files.OpenReference(Files.Here, source);
            using var root = Files.OpenReference(Files.Here, on);
            Libc.Stat a, b;
            return Libc.fstat(below.Number, &a) == 0 && Libc.fstat(root.Number, &b) == 0 && a.st_ino == b.st_ino && b.st_dev == own && a.st_dev != own
                ? Files.Status(below).Identity.Device : own;
        }
        catch (NativeException)
        {
            return own;
        }
    }

    private static bool IsAt(in Libc.Stat s, ByteString path)
    {
        Libc.Stat there;
        fixed (byte* p = ((CName)path).Terminated)
        {
            return Libc.fstatat(Libc.AT_FDCWD, p, &there, Libc.AT_SYMLINK_NOFOLLOW) == 0 && there.st_ino == s.st_ino && there.st_dev == s.st_dev;
        }
    }

    private static bool IsNullfs(Libc.Statfs* fs) => new ReadOnlySpan<byte>(fs->f_fstypename, Libc.MFSNAMELEN).StartsWith("nullfs\0"u8);

    private static void Check(Fd fd, Libc.Statfs* s) => Files.Check(Libc.fstatfs(fd.Number, s), "fstatfs", fd, ""u8.ToName());

    private static FileTime Time(in Libc.Timespec time) => new(time.tv_sec, time.tv_nsec);
}
