using System;
using System.Collections.Generic;
using System.IO;
using System.Runtime.InteropServices;
using System.Text;
using Kvol.Storage.Values;

namespace Kvol.Tests.Support;

public enum Kind
{
    Fifo = 0x1000,
    CharDevice = 0x2000,
    Directory = 0x4000,
    BlockDevice = 0x6000,
    File = 0x8000,
    Symlink = 0xa000,
    Socket = 0xc000,
}

internal sealed record Status(
    Kind Kind, int Mode, uint Uid, uint Gid, uint Links, ulong Inode, long Size, long Seconds, uint Nanos, uint DeviceMajor,
        uint DeviceMinor, ulong Device, ulong MountId);

/// <summary> Checked calls by path. A path is a string of bytes: every char is one byte (Latin-1), so that a name that is not UTF-8 is an
/// ordinary string in a test.
/// </summary>
internal static unsafe class Sys
{
    public const ulong ReadOnly = 1, NoSuid = 2, NoExec = 8, Remount = 32, Bind = 4096, Recursive = 16384, Private = 1 << 18;
    public const int Detach = 2;

    private const int NoFollow = 0x100;

    public static byte[] Bytes(string path) => Encoding.Latin1.GetBytes(path + "\0");

    public static Status? TryStat(string path)
    {
        var b = stackalloc byte[256];
        if (Libc.statx(-100, Bytes(path), NoFollow, 0x1fff, b) != 0)
        {
            return null;
        }

        var mode = *(ushort*)(b + 28);
        return new Status(
            (Kind)(mode & 0xf000), mode & 0xfff, *(uint*)(b + 20), *(uint*)(b + 24), *(uint*)(b + 16), *(ulong*)(b + 32),
            *(long*)(b + 40), *(long*)(b + 112), *(uint*)(b + 120), *(uint*)(b + 128), *(uint*)(b + 132),
            ((ulong)*(uint*)(b + 136) << 32) | *(uint*)(b + 140), *(ulong*)(b + 144));
    }

    public static Status Stat(string path) => TryStat(path) ?? throw Error("stat", path);

    public static bool Exists(string path) => TryStat(path) is not null;

    public static void Mkdir(string path, int mode = 0b111_101_101)
    {
        Check(Libc.mkdir(Bytes(path), 0b111_000_000), "mkdir", path);
        Chmod(path, mode);
    }

    public static void Chmod(string path, int mode) => Check(Libc.chmod(Bytes(path), (uint)mode), "chmod", path);

    public static void Chown(string path, uint uid, uint gid) => Check(Libc.lchown(Bytes(path), uid, gid), "lchown", path);

    public static void Symlink(string target, string path) => Check(Libc.symlink(Bytes(target), Bytes(path)), "symlink", path);

    public static void Link(string from, string to) => Check(Libc.link(Bytes(from), Bytes(to)), "link", to);

    public static void Mknod(string path, Kind kind, int mode, ulong device) =>
        Check(Libc.mknod(Bytes(path), (uint)kind | (uint)mode, device), "mknod", path);

    public static void Rename(string from, string to) => Check(Libc.rename(Bytes(from), Bytes(to)), "rename", from);

    /// <summary>Exchanges two names atomically; false if the kernel refused.</summary>
    public static bool Exchange(string a, string b) => Libc.renameat2(-100, Bytes(a), -100, Bytes(b), 2) == 0;

    public static void Touch(string path, long seconds, long nanos)
    {
        var times = stackalloc long[] { seconds, nanos, seconds, nanos };
        Check(Libc.utimensat(-100, Bytes(path), times, NoFollow), "utimensat", path);
    }

    public static void Write(string path, byte[] content, long offset = 0, long length = -1)
    {
        var fd = Check(Libc.open(Bytes(path), 0x80241, 0b110_100_100), "open", path);
        try
        {
            if (length >= 0)
            {
                Check(Libc.ftruncate(fd, length), "ftruncate", path);
            }

            if (content.Length > 0 && Libc.pwrite(fd, content, content.Length, offset) != content.Length)
            {
                throw Error("write", path);
            }
        }
        finally
        {
            _ = Libc.close(fd);
        }
    }

    public static string ReadLink(string path)
    {
        var buffer = new byte[4096];
        var n = (int)Check((int)Libc.readlink(Bytes(path), buffer, buffer.Length), "readlink", path);
        return Encoding.Latin1.GetString(buffer, 0, n);
    }

    public static int Open(string path, int flags = 0x80000) => Check(Libc.open(Bytes(path), flags, 0), "open", path);

    public static List<string> List(string path)
    {
        var names = new List<string>();
        var directory = Libc.opendir(Bytes(path));
        if (directory == 0)
        {
            throw Error("opendir", path);
        }

        for (var entry = Libc.readdir(directory); entry != null; entry = Libc.readdir(directory))
        {
            var name = Encoding.Latin1.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(entry + 19));
            if (name is not "." and not "..")
            {
                names.Add(name);
            }
        }

        _ = Libc.closedir(directory);
        names.Sort(string.CompareOrdinal);
        return names;
    }

    public static SortedDictionary<string, string> Xattrs(string path)
    {
        var all = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var size = Libc.llistxattr(Bytes(path), null, 0);
        if (size <= 0)
        {
            return all;
        }

        var list = new byte[size];
        _ = Libc.llistxattr(Bytes(path), list, size);
        foreach (var name in Encoding.Latin1.GetString(list).Split('\0', StringSplitOptions.RemoveEmptyEntries))
        {
            var value = new byte[65536];
            var length = Libc.lgetxattr(Bytes(path), Bytes(name), value, value.Length);
            all[name] = length < 0 ? "?" : Convert.ToHexString(value.AsSpan(0, (int)length));
        }

        return all;
    }

    public static void SetXattr(string path, string name, byte[] value) =>
        Check(Libc.lsetxattr(Bytes(path), Bytes(name), value, value.Length, 0), "lsetxattr " + name, path);

    public static void Mount(string source, string target, string? type, ulong flags, string? data = null) =>
        Check(Libc.mount(Bytes(source), Bytes(target), type is null ? null : Bytes(type), flags, data is null ? null : Bytes(data)),
            "mount", target);

    public static void BindMount(string source, string target) => Mount(source, target, null, Bind);

    public static void Unmount(string target, int flags = 0) => Check(Libc.umount2(Bytes(target), flags), "umount", target);

    public static int Check(int result, string call, string path) => result < 0 ? throw Error(call, path) : result;

    private static IOException Error(string call, string path) =>
        new($"{call} {path}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
}
