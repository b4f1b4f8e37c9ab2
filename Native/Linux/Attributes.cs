using System;
using System.Runtime.InteropServices;

namespace Kvol.Native;

/// <summary>Extended attributes (xattr(7)), which on Linux include the POSIX ACLs (acl(5)), and inode flags (ioctl_iflags(2)).</summary>
internal static unsafe class Attributes
{
    private const int Protecting = Libc.FS_IMMUTABLE_FL | Libc.FS_APPEND_FL;

    // XATTR_LIST_MAX of linux/limits.h is 64 KiB; more is E2BIG.
    private const int MostNames = 1 << 20;

    // Flags that a user sets. The others (extents, inline data, encryption) describe how a file system stores the file.
    private const int Kept = Protecting | Libc.FS_SYNC_FL | Libc.FS_NODUMP_FL | Libc.FS_NOATIME_FL | Libc.FS_DIRSYNC_FL;

    /// <summary>The names of a file's extended attributes, each NUL-terminated; a count of bytes within <paramref name="buffer"/>, which is
    /// enlarged as needed. Empty where the file system has none. An empty <paramref name="name"/> means the descriptor itself.</summary>
    public static int List(Fd at, CName name, ref byte[] buffer)
    {
        for (var times = 0; ;)
        {
            nint n;
            fixed (byte* b = buffer)
            {
                n = name.Bytes.IsEmpty ? Libc.flistxattr(at.Number, b, (nuint)buffer.Length) : ByPath(at, name, (nint)b, buffer.Length);
            }

            if (n >= 0)
            {
                return (int)n;
            }

            if (Files.IsInterrupted(n, ref times))
            {
                continue;
            }

            var errno = Marshal.GetLastPInvokeError();
            if (errno == Errno.ERANGE && buffer.Length <= MostNames)
            {
                buffer = new byte[buffer.Length * 4];
            }
            else
            {
                return errno == Errno.EOPNOTSUPP && !KnowsAttributes(at, name) ? 0 : throw Files.Failed("listxattr", at, name, errno);
            }
        }

        // A file system without attributes fails every read of one like that; one that merely cannot list them does not.
        static bool KnowsAttributes(Fd at, CName name)
        {
            byte[] nothing = new byte[1];
            try
            {
                _ = Get(at, name, CName.Of("user.kvol\0"u8), ref nothing);
                return true;
            }
            catch (NativeException e) when (e.Failure is Failure.NotSupported or Failure.NoData or Failure.NotPermitted)
            {
                return e.Failure == Failure.NoData;
            }
        }

        static nint ByPath(Fd at, CName name, nint list, int size)
        {
            fixed (byte* p = PathThrough(at, name).Terminated)
            {
                return Libc.llistxattr(p, (byte*)list, (nuint)size);
            }
        }
    }

    /// <summary>The value of an attribute in <paramref name="buffer"/>, which is enlarged as needed; its length.</summary>
    public static int Get(Fd at, CName name, CName attribute, ref byte[] buffer)
    {
        for (var times = 0; ;)
        {
            nint n;
            fixed (byte* b = buffer, a = attribute.Terminated)
            {
                if (name.Bytes.IsEmpty)
                {
                    n = Libc.fgetxattr(at.Number, a, b, (nuint)buffer.Length);
                }
                else
                {
                    fixed (byte* p = PathThrough(at, name).Terminated)
                    {
                        n = Libc.lgetxattr(p, a, b, (nuint)buffer.Length);
                    }
                }
            }

            if (n >= 0)
            {
                return (int)n;
            }

            if (Files.IsInterrupted(n, ref times))
            {
                continue;
            }

            var errno = Marshal.GetLastPInvokeError();
            if (errno != Errno.ERANGE || buffer.Length > 1 << 24)
            {
                throw Files.Failed("getxattr", at, name, errno);
            }

            buffer = new byte[buffer.Length * 4];
        }
    }

    /// <summary>Sets an attribute.</summary>
    public static void Set(Fd at, CName name, CName attribute, ReadOnlySpan<byte> value)
    {
        int result, times = 0;
        fixed (byte* v = value, a = attribute.Terminated)
        {
            do
            {
                if (name.Bytes.IsEmpty)
                {
                    result = Libc.fsetxattr(at.Number, a, v, (nuint)value.Length, 0);
                    continue;
                }

                fixed (byte* p = PathThrough(at, name).Terminated)
                {
                    result = Libc.lsetxattr(p, a, v, (nuint)value.Length, 0);
                }
            }
            while (Files.IsInterrupted(result, ref times));
        }

        Files.Check(result, "setxattr", at, name);
    }

    /// <summary>Removes what a new directory inherited from its parent's default ACL.</summary>
    public static void RemoveInheritedAcl(Fd directory)
    {
        Remove(CName.Of("system.posix_acl_default\0"u8));
        Remove(CName.Of("system.posix_acl_access\0"u8));

        void Remove(CName attribute)
        {
            fixed (byte* a = attribute.Terminated)
            {
                if (Libc.fremovexattr(directory.Number, a) < 0
                    && Errno.Meaning(Marshal.GetLastPInvokeError()) is not (Failure.NoData or Failure.NotSupported))
                {
                    throw Files.Failed("fremovexattr", directory, attribute, Marshal.GetLastPInvokeError());
                }
            }
        }
    }

    /// <summary>The inode flags that a copy keeps; 0 where the file system has none.</summary>
    public static int Flags(Fd fd)
    {
        long flags = 0;
        int result, times = 0;
        do
        {
            result = Libc.ioctl(fd.Number, Libc.FS_IOC_GETFLAGS, (nint)(&flags));
        }
        while (Files.IsInterrupted(result, ref times));

        if (result < 0 && Errno.Meaning(Marshal.GetLastPInvokeError()) is Failure.NotSupported or Failure.Invalid or Failure.NoCall)
        {
            return 0; // ioctl_iflags(2): this file system has none
        }

        Files.Check(result, "FS_IOC_GETFLAGS", fd);
        return (int)flags & Kept;
    }

    /// <summary>None: inode flags are read from an open file, which kvol never has of a link, fifo, socket or device.</summary>
    public static int Flags(Fd at, CName name) => name.Bytes.IsEmpty ? Flags(at) : 0;

    /// <summary>Adds inode flags to those that are set.</summary>
    public static void AddFlags(Fd fd, int flags) => Change(fd, flags, 0);

    /// <summary>Adds inode flags to those that a directory or regular file has; nothing else has any:
    /// <see cref="Failure.NotSupported"/>.</summary>
    public static void AddFlags(Fd at, CName name, int flags)
    {
        if (Files.Status(at, name).Kind is not (FileKind.Regular or FileKind.Directory))
        {
            throw Files.Failed("FS_IOC_SETFLAGS", at, name, Errno.EOPNOTSUPP);
        }

        using var fd = Files.OpenRead(at, name);
        AddFlags(fd, flags);
    }

    /// <summary>Lifts the flags that forbid changes.</summary>
    public static void ClearProtection(Fd fd) => Change(fd, 0, Protecting);

    /// <summary>Lifts the flags of a directory or regular file that forbid changes.</summary>
    public static void ClearProtection(Fd at, CName name)
    {
        using var fd = Files.OpenRead(at, name);
        ClearProtection(fd);
    }

    /// <summary>None: on Linux an ACL is an extended attribute.</summary>
    public static Acl? ReadAcl(Fd at, CName name) => null;

    /// <summary>The mode: see <see cref="ReadAcl"/>.</summary>
    public static uint ModeWithout(Acl acl, uint mode) => mode;

    /// <summary>False: see <see cref="ReadAcl"/>.</summary>
    public static bool IsNfs4(Acl acl) => false;

    /// <summary>Nothing to do: see <see cref="ReadAcl"/>.</summary>
    public static void WriteAcl(Fd at, CName name, Acl acl, bool onlyDefault)
    {
    }

    /// <summary>Whether these flags forbid changes, so that they must be set last.</summary>
    public static bool Protects(int flags) => (flags & Protecting) != 0;

    private static void Change(Fd fd, int add, int drop)
    {
        long flags = 0;
        Files.Check(Libc.ioctl(fd.Number, Libc.FS_IOC_GETFLAGS, (nint)(&flags)), "FS_IOC_GETFLAGS", fd);
        flags = (flags | (uint)add) & ~(long)drop;
        Files.Check(Libc.ioctl(fd.Number, Libc.FS_IOC_SETFLAGS, (nint)(&flags)), "FS_IOC_SETFLAGS", fd);
    }

    // xattr calls by descriptor need an open file, but kvol cannot or must not open a link, fifo or device. The magic link leads to the
    // open directory; the l* calls do not follow the last component.
    private static ByteString PathThrough(Fd at, CName name) =>
        new([.. new ByteString($"/proc/self/fd/{at.Number}/").Bytes, .. name.Bytes]);
}

/// <summary>An access control list that is not an extended attribute; there is none on Linux.</summary>
internal sealed class Acl : IDisposable
{
    private Acl()
    {
    }

    /// <summary>Nothing to give back.</summary>
    public void Dispose()
    {
    }
}
