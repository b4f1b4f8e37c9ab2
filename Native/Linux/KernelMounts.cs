using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;

namespace Kvol.Native;

/// <summary>Bind mounts by descriptor: open_tree(2), mount_setattr(2), move_mount(2) (Linux 5.12), umount2(2).</summary>
internal static unsafe class KernelMounts
{
    /// <summary>Whether an unprivileged probe finds the calls; doctor says which kernel is needed.</summary>
    public static bool IsAvailable
    {
        get
        {
            fixed (byte* empty = "\0"u8)
            {
                return Libc.mount_setattr(-1, empty, 0, null, 0) >= 0 || Errno.Meaning(Marshal.GetLastPInvokeError()) != Failure.NoCall;
            }
        }
    }

    /// <summary>False: both ends of a mount are descriptors.</summary>
    public static bool FileMountsAreVerifiedAfterwards => false;

    /// <summary>Mounts the open <paramref name="source"/> (directory or file) onto the open <paramref name="target"/>, with the source's
    /// own mount options and <paramref name="flags"/>; on every mount of the copy when <paramref name="recursive"/>. A
    /// <paramref name="detached"/> mount of the source, as <see cref="OpenSnapshot"/> makes it, is itself mounted, with these flags
    /// alone. If a <paramref name="userNamespace"/> is given, the mount shows owners as it maps them. <paramref name="staging"/> is not
    /// needed, because no path is looked up. Returns the id of the new mount, and passes it to <paramref name="known"/> before any process
    /// can see the mount.</summary>
    public static ulong Bind(Fd source, Fd detached, Fd target, MountFlags flags, Fd userNamespace, bool recursive, Fd staging,
        Action<ulong> known)
    {
        _ = staging;
        if (detached.IsOpen)
        {
            return Attach(detached, source, target, flags, userNamespace, 0, known);
        }

        fixed (byte* empty = "\0"u8)
        {
            var which = (uint)(Libc.AT_EMPTY_PATH | (recursive ? Libc.AT_RECURSIVE : 0));
            var fd = Libc.open_tree(source.Number, empty, Libc.OPEN_TREE_CLONE | Libc.OPEN_TREE_CLOEXEC | which);
            Files.Check(fd, "open_tree", source);
            using var tree = new Fd(fd);
            return Attach(tree, source, target, flags, userNamespace, which, known);
        }
    }

    private static ulong Attach(Fd tree, Fd source, Fd target, MountFlags flags, Fd userNamespace, uint which, Action<ulong> known)
    {
        fixed (byte* empty = "\0"u8)
        {
            // Private: a mount made inside this one must not show up in its source, and from there in every other root.
            var attr = new Libc.MountAttr { attr_set = Attributes(flags), propagation = Libc.MS_PRIVATE };
            if (which == 0) // not a copy of a mount whose options must stay
            {
                attr.attr_clr = Libc.MOUNT_ATTR_NOSUID | Libc.MOUNT_ATTR_NOEXEC | Libc.MOUNT_ATTR_NODEV;
                which = (uint)Libc.AT_EMPTY_PATH;
            }

            if ((attr.attr_set & Libc.MOUNT_ATTR_NOATIME) != 0)
            {
                attr.attr_clr |= Libc.MOUNT_ATTR__ATIME; // mount_setattr(2): the access time settings are one field
            }

            Files.Check(Libc.mount_setattr(tree.Number, empty, which, &attr, (nuint)sizeof(Libc.MountAttr)), "mount_setattr", source);
            if (userNamespace.IsOpen)
            {
                attr = new Libc.MountAttr { attr_set = Libc.MOUNT_ATTR_IDMAP, userns_fd = (ulong)userNamespace.Number };
                Files.Check(Libc.mount_setattr(tree.Number, empty, which, &attr, (nuint)sizeof(Libc.MountAttr)), "mount_setattr", source);
            }

            var id = Files.Status(tree).MountId; // the detached mount has the id that it keeps
            known(id);
            Move(tree, target);
            return id;
        }
    }

    /// <summary>Opens the same directory and the mounts below it through a detached private mount with nodev of mount(8), so that a device
    /// that replaces a regular file is never opened. Returns the directory itself where that is impossible: before Linux 6.15, the kernel
    /// does not clone a detached mount (EINVAL).</summary>
    public static Fd WithoutDevices(Fd directory)
    {
        fixed (byte* empty = "\0"u8)
        {
            var all = (uint)(Libc.AT_EMPTY_PATH | Libc.AT_RECURSIVE);
            var fd = Libc.open_tree(directory.Number, empty, Libc.OPEN_TREE_CLONE | Libc.OPEN_TREE_CLOEXEC | all);
            if (fd < 0 && Errno.Meaning(Marshal.GetLastPInvokeError()) is Failure.Invalid or Failure.NoCall or Failure.NotPermitted)
            {
                return Files.Reopen(directory);
            }

            Files.Check(fd, "open_tree", directory);
            using var tree = new Fd(fd);
            var attr = new Libc.MountAttr { attr_set = Libc.MOUNT_ATTR_NODEV, propagation = Libc.MS_PRIVATE };
            Files.Check(Libc.mount_setattr(tree.Number, empty, all, &attr, (nuint)sizeof(Libc.MountAttr)), "mount_setattr", directory);
            return Files.Reopen(tree);
        }
    }

    /// <summary>Whether a dataset can be mounted at one place only.</summary>
    public static bool DatasetsMountOnce => false;

    /// <summary>Whether the kernel honours the properties of a dataset that are mount options: module/os/linux/zfs/zfs_vfsops.c leaves
    /// exec, setuid, devices and atime to mount(8).</summary>
    public static bool DatasetsKnowTheirOptions => false;

    /// <summary>Mounts a ZFS dataset or snapshot onto the open <paramref name="target"/>: fsopen(2), fsconfig(2), fsmount(2),
    /// move_mount(2). The kernel ignores properties that are mount options, so the caller passes them in <paramref name="flags"/>. Returns
    /// the id of the new mount.</summary>
    public static ulong MountDataset(ByteString dataset, Fd target, MountFlags flags)
    {
        using var mount = Prepare(new ByteString("zfs"), dataset, [], flags);
        var id = Files.Status(mount).MountId; // before anybody can see it: afterwards nothing may fail
        Move(mount, target);
        return id;
    }

    /// <summary>Opens the top directory of a ZFS snapshot through a detached mount that no other process sees and that ends when
    /// <paramref name="mount"/> is closed; <paramref name="origin"/> is its <see cref="MountEntry.Origin"/>. The <paramref name="home"/>
    /// of its dataset is not needed.</summary>
    public static Fd OpenSnapshot(ByteString snapshot, Fd home, out Fd mount, out ByteString? origin)
    {
        _ = home;
        mount = Prepare(new ByteString("zfs"), snapshot, [],
            MountFlags.ReadOnly | MountFlags.NoSuid | MountFlags.NoExec | MountFlags.NoDevices);
        origin = MountTable.OriginOf(Files.Status(mount));
        return Files.Reopen(mount);
    }

    /// <summary>Makes a file system of a <paramref name="type"/> that has no source, such as tmpfs(5), and mounts it on the open directory
    /// <paramref name="target"/>: fsopen(2), fsconfig(2), fsmount(2), move_mount(2). Before any process can see the mount, calls
    /// <paramref name="planned"/> with its <see cref="MountEntry.Origin"/>, and <paramref name="known"/> with its id, which is
    /// returned.</summary>
    public static ulong MountNew(string type, IReadOnlyList<(string Name, string? Value)> options, Fd target, MountFlags flags,
        Action<ByteString> planned, Action<ulong> known)
    {
        using var mount = Prepare(new ByteString(type), new ByteString(type), options, flags);
        var status = Files.Status(mount);
        planned(MountTable.OriginOf(status));
        known(status.MountId);
        Move(mount, target);
        return status.MountId;
    }

    /// <summary>True: the kernel reuses the id of a removed mount for the next one (mnt_alloc_id, fs/namespace.c).</summary>
    public static bool ReusesIds => true;

    /// <summary>True: umount2(2) takes a path, where another mount may be by then. A descriptor of the mount itself would keep it busy, and
    /// a mount cannot be moved away from a shared parent. So the caller pins the mounts that may be exchanged with it, and checks
    /// afterwards which mount is gone.</summary>
    public static bool UnmountsByPlace => true;

    /// <summary>Unmounts this mount: its place is opened without following links, and what is mounted there is compared first;
    /// <see cref="Failure.NotFound"/> when it is another. The caller has closed every descriptor into the mount.</summary>
    public static void Unmount(MountEntry entry, bool force)
    {
        var slash = entry.Target.Bytes.LastIndexOf((byte)'/');
        var name = new ByteString(entry.Target.Bytes[(slash + 1)..]);
        using var parent = RootedPath.OpenResolved(slash == 0 ? new ByteString("/") : new ByteString(entry.Target.Bytes[..slash]));
        if (Files.Status(parent, name).MountId != entry.Id)
        {
            throw Files.Failed("umount", parent, name, Errno.ENOENT);
        }

        // With a path through a descriptor the call fails with EBUSY or EINVAL, so the process changes to the directory for the call.
        Files.Check(Libc.fchdir(parent.Number), "fchdir", parent);
        try
        {
            fixed (byte* p = name.Terminated)
            {
                Files.Check(Libc.umount2(p, Libc.UMOUNT_NOFOLLOW | (force ? Libc.MNT_FORCE : 0)), "umount", parent, name);
            }
        }
        finally
        {
            using var root = Files.OpenDirectory(CName.Of("/\0"u8));
            _ = Libc.fchdir(root.Number); // the working directory must not keep the parent mount busy
        }
    }

    /// <summary>Attaches a detached mount to the open target.</summary>
    private static void Move(Fd mount, Fd target)
    {
        fixed (byte* empty = "\0"u8)
        {
            const uint Both = Libc.MOVE_MOUNT_F_EMPTY_PATH | Libc.MOVE_MOUNT_T_EMPTY_PATH;
            Files.Check(Libc.move_mount(mount.Number, empty, target.Number, empty, Both), "move_mount", target);
        }
    }

    private static uint Attributes(MountFlags flags) =>
        ((flags & MountFlags.ReadOnly) != 0 ? Libc.MOUNT_ATTR_RDONLY : 0)
        | ((flags & MountFlags.NoSuid) != 0 ? Libc.MOUNT_ATTR_NOSUID : 0)
        | ((flags & MountFlags.NoDevices) != 0 ? Libc.MOUNT_ATTR_NODEV : 0)
        | ((flags & MountFlags.NoExec) != 0 ? Libc.MOUNT_ATTR_NOEXEC : 0)
        | ((flags & MountFlags.NoAccessTime) != 0 ? Libc.MOUNT_ATTR_NOATIME : 0);

    /// <summary>A detached mount of a dataset, of a snapshot, or of a new file system, for which the source is only a name.</summary>
    private static Fd Prepare(ByteString type, ByteString source, IReadOnlyList<(string Name, string? Value)> options, MountFlags flags)
    {
        fixed (byte* t = type.Terminated)
        {
            var fd = Libc.fsopen(t, Libc.FSOPEN_CLOEXEC);
            Files.Check(fd, "fsopen", Fd.None, source);
            using var context = new Fd(fd);
            Configure("source", source);
            foreach (var (name, value) in options)
            {
                Configure(name, value is null ? null : new ByteString(value));
            }

            if ((flags & MountFlags.ReadOnly) != 0)
            {
                Configure("ro", null);
            }

            Files.Check(Libc.fsconfig(fd, Libc.FSCONFIG_CMD_CREATE, null, null, 0), "fsconfig", Fd.None, source);
            var made = Libc.fsmount(fd, Libc.FSMOUNT_CLOEXEC, Attributes(flags));
            Files.Check(made, "fsmount", Fd.None, source);
            return new Fd(made);

            void Configure(string name, ByteString? value)
            {
                fixed (byte* n = new ByteString(name).Terminated, v = (value ?? new ByteString("")).Terminated)
                {
                    Files.Check(value is null ? Libc.fsconfig(fd, Libc.FSCONFIG_SET_FLAG, n, null, 0)
                        : Libc.fsconfig(fd, Libc.FSCONFIG_SET_STRING, n, v, 0), "fsconfig", Fd.None, source);
                }
            }
        }
    }
}
