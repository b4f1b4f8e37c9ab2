using System;
using System.Runtime.InteropServices;

namespace Kvol.Native;

/// <summary>Extended attributes (extattr(2)) of the namespaces user and system, and file flags (chflags(2)). FreeBSD handles ACLs
/// separately (acl(3)): see <see cref="Acl"/>.</summary>
internal static unsafe partial class Attributes
{
    private static int Protecting =>
        Libc.UF_IMMUTABLE | Libc.UF_APPEND | Libc.UF_NOUNLINK | Libc.SF_IMMUTABLE | Libc.SF_APPEND | Libc.SF_NOUNLINK;

    // Flags that a user sets. The others are not kept: each write sets UF_ARCHIVE; UF_SPARSE and UF_REPARSE describe how the file is
    // stored.
    private static int Kept =>
        Protecting | Libc.UF_NODUMP | Libc.UF_OPAQUE | Libc.UF_SYSTEM | Libc.UF_OFFLINE | Libc.UF_READONLY | Libc.UF_HIDDEN;

    /// <summary>The names of a file's extended attributes as "user.NAME" or "system.NAME", each NUL-terminated, by extattr_list_fd(2); a
    /// count of bytes within <paramref name="buffer"/>, which is enlarged as needed. Empty where the file system has none. An empty
    /// <paramref name="name"/> means the descriptor itself.</summary>
    public static int List(Fd at, CName name, ref byte[] buffer)
    {
        var filled = 0;
        foreach (var space in (ReadOnlySpan<int>)[Libc.EXTATTR_NAMESPACE_USER, Libc.EXTATTR_NAMESPACE_SYSTEM])
        {
            var prefix = Prefix(space);
            var list = new byte[4096];
            var n = Call(at, name, (fd, path) => List(fd, path, space, list));
            while (n == list.Length)
            {
                list = new byte[list.Length * 4]; // a full list may be a cut one
                n = Call(at, name, (fd, path) => List(fd, path, space, list));
            }

            if (n < 0)
            {
                var errno = Marshal.GetLastPInvokeError();
                if (errno == Errno.EOPNOTSUPP && !KnowsAttributes(at, name, space))
                {
                    continue;
                }

                throw Files.Failed("extattr_list", at, name, errno);
            }

            // Each name has its length before it and no terminator behind it.
            for (var i = 0; i < n; i += 1 + list[i])
            {
                var attribute = list.AsSpan(i + 1, list[i]);
                if (IsAcl(space, attribute))
                {
                    continue;
                }

                var needed = filled + prefix.Length + attribute.Length + 1;
                if (needed > buffer.Length)
                {
                    Array.Resize(ref buffer, needed * 2);
                }

                prefix.CopyTo(buffer.AsSpan(filled));
                attribute.CopyTo(buffer.AsSpan(filled + prefix.Length));
                buffer[needed - 1] = 0;
                filled = needed;
            }
        }

        return filled;
    }

    // A file system without attributes fails every read of one with EOPNOTSUPP; one that merely cannot list them does not.
    private static bool KnowsAttributes(Fd at, CName name, int space)
    {
        byte[] nothing = new byte[1], key = [.. "kvol\0"u8];
        var n = Call(at, name, (fd, path) =>
        {
            fixed (byte* p = path, k = key, v = nothing)
            {
                return path is null ? Libc.extattr_get_fd(fd, space, k, v, 1) : Libc.extattr_get_link(p, space, k, v, 1);
            }
        });
        return n >= 0 || Marshal.GetLastPInvokeError() == Errno.ENOATTR;
    }

    /// <summary>The value of an attribute in <paramref name="buffer"/>, which is enlarged as needed; its length.
    /// extattr_get_fd(2).</summary>
    public static int Get(Fd at, CName name, CName attribute, ref byte[] buffer)
    {
        var (space, key) = Parse(attribute);
        while (true)
        {
            var value = buffer;
            var n = Call(at, name, (fd, path) =>
            {
                fixed (byte* p = path, k = key.Terminated, v = value)
                {
                    return path is null ? Libc.extattr_get_fd(fd, space, k, v, (nuint)value.Length)
                        : Libc.extattr_get_link(p, space, k, v, (nuint)value.Length);
                }
            });
            Files.Check(n, "extattr_get", at, name);
            if (n < buffer.Length)
            {
                return (int)n;
            }

            buffer = new byte[buffer.Length * 4]; // a full buffer may hold a cut value
        }
    }

    /// <summary>Sets an attribute, extattr_set_fd(2).</summary>
    public static void Set(Fd at, CName name, CName attribute, ReadOnlySpan<byte> value)
    {
        var (space, key) = Parse(attribute);
        var bytes = value.ToArray();
        var n = Call(at, name, (fd, path) =>
        {
            fixed (byte* p = path, k = key.Terminated, v = bytes)
            {
                return path is null ? Libc.extattr_set_fd(fd, space, k, v, (nuint)bytes.Length)
                    : Libc.extattr_set_link(p, space, k, v, (nuint)bytes.Length);
            }
        });
        Files.Check(n, "extattr_set", at, name);
    }

    /// <summary>The flags that a copy keeps, st_flags of fstat(2).</summary>
    public static int Flags(Fd fd) => (int)All(fd) & Kept;

    /// <summary>The flags of a name that a copy keeps, the link's own when it is one: st_flags of fstatat(2). An empty name means the
    /// descriptor itself.</summary>
    public static int Flags(Fd at, CName name)
    {
        if (name.Bytes.IsEmpty)
        {
            return Flags(at);
        }

        Libc.Stat s;
        FileSystem.Read(at, name, &s);
        return (int)s.st_flags & Kept;
    }

    /// <summary>Adds flags to those that are set, fchflags(2).</summary>
    public static void AddFlags(Fd fd, int flags) => Change(fd, (uint)flags, 0);

    /// <summary>Adds flags to those that a name has, the link itself when it is one, chflagsat(2).</summary>
    public static void AddFlags(Fd at, CName name, int flags) => Change(at, name, (uint)flags, 0);

    /// <summary>Lifts the flags that forbid changes, fchflags(2). Above securelevel 0 the system's flags stay (security(7)).</summary>
    public static void ClearProtection(Fd fd) => Change(fd, 0, (uint)Protecting);

    /// <summary>Lifts the flags of a name that forbid changes, those of the link itself when it is one, chflagsat(2).</summary>
    public static void ClearProtection(Fd at, CName name) => Change(at, name, 0, (uint)Protecting);

    /// <summary>Whether these flags forbid changes, chflags(2), so that they must be set last.</summary>
    public static bool Protects(int flags) => (flags & Protecting) != 0;

    private static void Change(Fd fd, uint add, uint drop)
    {
        var before = All(fd);
        var after = (before | add) & ~drop;
        if (after != before)
        {
            Files.Check(Libc.fchflags(fd.Number, after), "fchflags", fd);
        }
    }

    private static void Change(Fd at, CName name, uint add, uint drop)
    {
        Libc.Stat s;
        FileSystem.Read(at, name, &s);
        var after = (s.st_flags | add) & ~drop;
        if (after != s.st_flags)
        {
            fixed (byte* p = name.Terminated)
            {
                Check(Libc.chflagsat(at.Number, p, after, Libc.AT_SYMLINK_NOFOLLOW), "chflagsat", at, name);
            }
        }
    }

    private static void Check(int result, string call, Fd at, CName name)
    {
        var errno = result < 0 ? Marshal.GetLastPInvokeError() : 0;
        if (errno == Errno.EPERM && Host.SecureLevel is > 0 and var level)
        {
            throw new NativeException(call, Files.Failed(call, at, name, errno).Subject, errno,
                $"kern.securelevel is {level}: its flags stay until the next boot");
        }

        if (result < 0)
        {
            throw Files.Failed(call, at, name, errno);
        }
    }

    private static uint All(Fd fd)
    {
        Libc.Stat s;
        FileSystem.Read(fd, &s);
        return s.st_flags;
    }

    // UFS stores an ACL as a system attribute (<sys/acl.h>, *_EXTATTR_NAME). kvol copies it by acl(3), which tells it from a mere mode.
    private static bool IsAcl(int space, ReadOnlySpan<byte> name) => space == Libc.EXTATTR_NAMESPACE_SYSTEM
        && (name.SequenceEqual("posix1e.acl_access"u8) || name.SequenceEqual("posix1e.acl_default"u8) || name.SequenceEqual("nfs4.acl"u8));

    private static nint List(int fd, byte[]? path, int space, byte[] list)
    {
        fixed (byte* p = path, l = list)
        {
            return path is null ? Libc.extattr_list_fd(fd, space, l, (nuint)list.Length)
                : Libc.extattr_list_link(p, space, l, (nuint)list.Length);
        }
    }

    // The calls for a link take a path and no directory descriptor, so the process changes to the directory for the call. The call gets a
    // descriptor, or a name in the working directory.
    internal static nint Call(Fd at, CName name, Func<int, byte[]?, nint> call)
    {
        if (name.Bytes.IsEmpty)
        {
            return Repeat(() => call(at.Number, null));
        }

        var path = name.Terminated.ToArray();
        var (result, errno) = WorkingDirectory.Run(at, back: true, () => (Repeat(() => call(-1, path)), Marshal.GetLastPInvokeError()));
        Marshal.SetLastPInvokeError(errno); // going back may have changed it
        return result;
    }

    private static nint Repeat(Func<nint> call)
    {
        nint result;
        var times = 0;
        do
        {
            result = call();
        }
        while (result < 0 && Files.IsInterrupted(result, ref times)); // acl_get_fd_np(3) gives a pointer, which is 0 on failure

        return result;
    }

    private static ReadOnlySpan<byte> Prefix(int space) => space == Libc.EXTATTR_NAMESPACE_USER ? "user."u8 : "system."u8;

    private static (int Space, ByteString Key) Parse(CName attribute)
    {
        foreach (var space in (ReadOnlySpan<int>)[Libc.EXTATTR_NAMESPACE_USER, Libc.EXTATTR_NAMESPACE_SYSTEM])
        {
            if (attribute.Bytes.StartsWith(Prefix(space)))
            {
                return (space, new ByteString(attribute.Bytes[Prefix(space).Length..]));
            }
        }

        throw new NativeException("extattr", attribute.ToString(), Errno.EOPNOTSUPP, "no such namespace of attributes on this system");
    }
}
