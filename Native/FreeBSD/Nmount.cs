using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;

namespace Kvol.Native;

/// <summary>nmount(2): a vector of names and values, and the kernel's answer in words.</summary>
internal static unsafe class Nmount
{
    // As mount_nullfs(8) and libzfs have it.
    private const int MessageLength = 255;

    // What vfs_donmount of sys/kern/vfs_mount.c says of a type that the kernel does not have, with EINVAL in place of ENODEV.
    private const string UnknownType = "Invalid fstype";

    /// <summary>Mounts a nullfs(5) of <paramref name="source"/>, which the kernel looks up from the working directory and records as it is
    /// written, on <paramref name="name"/>: mount_nullfs(8). Before 13 the name of the source is <c>target</c> alone; later kernels know
    /// <c>from</c> too.</summary>
    public static void Nullfs(ByteString name, ByteString source, MountFlags flags) => Call(
        source, name, ("fstype", new ByteString("nullfs")), ("fspath", name), ("target", source), ("nocover", null),
        ("ro", flags, MountFlags.ReadOnly), ("nosuid", flags, MountFlags.NoSuid), ("noexec", flags, MountFlags.NoExec),
        ("nocache", flags, MountFlags.NoCache));

    /// <summary>Mounts a ZFS dataset or snapshot on <paramref name="name"/>. The kernel honours only named options, and <c>nosuid</c> is
    /// not one of them (zfs_register_callbacks, zfs_vfsops.c of OpenZFS); without an option the dataset's property applies.</summary>
    public static void Zfs(ByteString name, ByteString dataset, MountFlags flags) => Call(
        dataset, name, ("fstype", new ByteString("zfs")), ("fspath", name), ("from", dataset), ("nocover", null),
        ("ro", flags, MountFlags.ReadOnly), ("nosetuid", flags, MountFlags.NoSuid), ("noexec", flags, MountFlags.NoExec),
            ("noatime", flags, MountFlags.NoAccessTime));

    /// <summary>Mounts a new file system of a type that has no source on <paramref name="name"/>, as mount(8) does. tmpfs(5) refuses
    /// names that it does not know (vfs_filteropt of sys/kern/vfs_mount.c), and before 13 <c>nocover</c> is one: it is left out where
    /// <paramref name="mayCover"/>.</summary>
    public static void New(ByteString name, string type, IReadOnlyList<(string Name, string? Value)> options, MountFlags flags,
        bool mayCover) => Call(
        new ByteString(type), name,
        [
            ("fstype", new ByteString(type)), ("fspath", name), ("from", new ByteString(type)),
            .. mayCover ? (ReadOnlySpan<Option>)[] : [("nocover", null)],
            .. options.Select(o => (Option)(o.Name, o.Value is null ? null : new ByteString(o.Value))),
            ("ro", flags, MountFlags.ReadOnly), ("nosuid", flags, MountFlags.NoSuid), ("noexec", flags, MountFlags.NoExec),
        ]);

    private static void Call(ByteString source, ByteString name, params ReadOnlySpan<Option> options)
    {
        var bytes = new List<byte>();
        var vector = new List<(int Start, int Length)>();
        foreach (var option in options)
        {
            if (option.IsGiven)
            {
                Add(new ByteString(option.Name));
                if (option.Value is null)
                {
                    vector.Add((0, 0)); // no value is no bytes, vfs_buildopts of sys/kern/vfs_mount.c
                }
                else
                {
                    Add(option.Value);
                }
            }
        }

        Add(new ByteString("errmsg"));
        var message = bytes.Count;
        vector.Add((message, MessageLength));
        bytes.AddRange(new byte[MessageLength]);
        var buffer = bytes.ToArray();
        var iov = new Libc.Iovec[vector.Count];
        fixed (byte* b = buffer)
        fixed (Libc.Iovec* v = iov)
        {
            for (var i = 0; i < iov.Length; i++)
            {
                var (start, length) = vector[i];
                v[i] = new() { iov_base = length == 0 ? null : b + start, iov_len = (nuint)length };
            }

            if (Libc.nmount(v, (uint)iov.Length, 0) < 0)
            {
                var errno = Marshal.GetLastPInvokeError();
                var words = FileSystem.Text(b + message, MessageLength).ToString();
                if (words == UnknownType)
                {
                    (errno, words) = (Errno.ENODEV, "");
                }

                throw new NativeException("nmount", source.ToString(), errno, words.Length > 0 ? words : OwnWords(errno, name));
            }
        }

        void Add(ByteString text)
        {
            var terminated = text.Terminated;
            vector.Add((bytes.Count, terminated.Length));
            bytes.AddRange(terminated);
        }
    }

    // The kernel seldom fills errmsg, so kvol explains the errno values that vfs_domount and nullfs_mount return.
    private static string? OwnWords(int errno, ByteString name) => errno switch
    {
        Errno.EBUSY => "something is mounted there, or it is mounted elsewhere already",
        Errno.EDEADLK => "it is already mounted there",
        Errno.EPERM => "the system does not permit it (in a jail: allow.mount)",
        Errno.ENOTDIR when name.Bytes is not [(byte)'.'] => "this kernel mounts directories alone; a single file needs FreeBSD 13.5",
        Errno.EOPNOTSUPP => "the file system does not support it",
        Errno.ENOENT => "what is to be mounted, or the place for it, is not there",
        Errno.ENODEV => "the kernel has no such file system and could not load it (kldload(8))",
        Errno.ENAMETOOLONG => "the path is longer than the mount table can tell",
        _ => null,
    };

    /// <summary>The name of an option, with its value if it has one.</summary>
    private readonly record struct Option(string Name, ByteString? Value, bool IsGiven)
    {
        public static implicit operator Option((string Name, ByteString? Value) option) => new(option.Name, option.Value, true);

        public static implicit operator Option((string Name, MountFlags Flags, MountFlags Flag) option) =>
            new(option.Name, null, (option.Flags & option.Flag) != 0);
    }
}
