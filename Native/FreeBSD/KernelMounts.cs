using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;

namespace Kvol.Native;

/// <summary>nullfs(5) mounts: nmount(2) from inside the open target, unmount(2) by file system id.</summary>
internal static unsafe class KernelMounts
{
    /// <summary>Returns the same directory: a device can be opened only on devfs, where no other file can take its name (elsewhere
    /// ufs_open, sys/ufs/ufs/ufs_vnops.c, fails with EOPNOTSUPP).</summary>
    public static Fd WithoutDevices(Fd directory) => Files.Reopen(directory);

    /// <summary>Whether an unprivileged probe finds nmount(2): without options it fails with EINVAL. The kernel loads nullfs(5) on
    /// demand.</summary>
    public static bool IsAvailable => Libc.nmount(null, 0, 0) >= 0 || Errno.Meaning(Marshal.GetLastPInvokeError()) != Failure.NoCall;

    /// <summary>True: to mount on a file, nmount(2) takes a name and follows a link there. kvol sees only afterwards where the mount went,
    /// and undoes one that went elsewhere. To mount on a directory, kvol uses a descriptor.</summary>
    public static bool FileMountsAreVerifiedAfterwards => true;

    /// <summary>Mounts the open <paramref name="source"/> (directory or file) onto the open <paramref name="target"/> by nmount(2).
    /// nullfs(5) does not show the mounts below the source, so <paramref name="recursive"/> makes one mount for each. The kernel finds the
    /// source by its path; where others can change that path, <paramref name="staging"/> is a private directory in which kvol makes and
    /// checks the mount first. Returns the id of the first mount, and passes it to <paramref name="known"/> when all mounts are made; on an
    /// earlier failure this method undoes them itself. There is never a <paramref name="detached"/> mount or a
    /// <paramref name="userNamespace"/>.</summary>
    public static ulong Bind(Fd source, Fd detached, Fd target, MountFlags flags, Fd userNamespace, bool recursive, Fd staging,
        Action<ulong> known)
    {
        _ = (detached, userNamespace);
        var path = Files.PathOf(source);
        var table = recursive ? MountTable.Read() : null;
        var made = new List<ulong> { BindOne(source, path, target, flags, staging) };
        try
        {
            if (table is not null && table.Entries.Any(e => e.Target.IsBelow(path)))
            {
                BindBelow(table, path, MountTable.Rows().First(r => r.Id == made[0]).On, flags, staging, made);
            }

            known(made[0]);
            return made[0];
        }
        catch
        {
            foreach (var id in Enumerable.Reverse(made))
            {
                Staging.Unmount(id, 0);
            }

            throw;
        }
    }

    /// <summary>Whether a dataset can be mounted at one place only: zfs_domount of OpenZFS, EBUSY.</summary>
    public static bool DatasetsMountOnce => true;

    /// <summary>Whether the kernel honours the properties of a dataset that are mount options: zfs_register_callbacks() of
    /// module/os/freebsd/zfs/zfs_vfsops.c. As mount options they would hold until the unmount, even if zfs(8) changed the
    /// properties.</summary>
    public static bool DatasetsKnowTheirOptions => true;

    /// <summary>Mounts a ZFS dataset or snapshot onto the open directory <paramref name="target"/> by nmount(2), with
    /// <paramref name="flags"/> on top of what its properties say. The id of the mount.</summary>
    public static ulong MountDataset(ByteString dataset, Fd target, MountFlags flags)
    {
        var (id, made) = Attempt(target, new ByteString("."), "zfs", dataset, name => Nmount.Zfs(name, dataset, flags), _ => true);
        if ((made & flags) == flags)
        {
            return id;
        }

        Staging.Unmount(id, 0);
        throw new NativeException("nmount", dataset.ToString(), Errno.EOPNOTSUPP,
            "the kernel did not take every mount option that was asked for");
    }

    /// <summary>Makes a file system of a <paramref name="type"/> that has no source, such as tmpfs(5), and mounts it on the open directory
    /// <paramref name="target"/> by nmount(2). Calls <paramref name="planned"/> before that, with the <see cref="MountEntry.Origin"/> that
    /// the mount will have, and <paramref name="known"/> afterwards with its id, which is returned.</summary>
    public static ulong MountNew(string type, IReadOnlyList<(string Name, string? Value)> options, Fd target, MountFlags flags,
        Action<ByteString> planned, Action<ulong> known)
    {
        planned(Files.PathOf(target)); // the table tells such a mount by its place
        var (id, _) = Attempt(target, new ByteString("."), type, new ByteString(type), Mount, _ => true);
        known(id);
        return id;

        void Mount(ByteString name)
        {
            try
            {
                Nmount.New(name, type, options, flags, mayCover: false);
            }
            catch (NativeException e) when (e.Failure == Failure.Invalid)
            {
                Nmount.New(name, type, options, flags, mayCover: true); // a kernel before 13
            }
        }
    }

    /// <summary>Opens the top directory of a ZFS snapshot through the directory .zfs in the <paramref name="home"/> of its dataset,
    /// zfsprops(7) snapdir. The kernel mounts the snapshot there, where it does not expire, and unmounts it when it is destroyed, so
    /// <paramref name="mount"/> is none: dsl_dataset_tryown() of OpenZFS would refuse a second mount of a snapshot. Its
    /// <paramref name="origin"/> is in the mount table.</summary>
    public static Fd OpenSnapshot(ByteString snapshot, Fd home, out Fd mount, out ByteString? origin)
    {
        (mount, origin) = (Fd.None, null);
        var text = snapshot.ToString();
        return Files.OpenDirectory(home, new ByteString($".zfs/snapshot/{text[(text.IndexOf('@') + 1)..]}"));
    }

    /// <summary>False: vfs_getnewfsid (sys/kern/vfs_subr.c) keeps counting up.</summary>
    public static bool ReusesIds => false;

    /// <summary>False: unmount(2) takes the id.</summary>
    public static bool UnmountsByPlace => false;

    /// <summary>Unmounts exactly this mount, by unmount(2) with MNT_BYFSID: this looks up no path, because f_mntonname may be outdated. The
    /// caller has closed every descriptor into the mount.</summary>
    public static void Unmount(MountEntry entry, bool force)
    {
        if (Staging.Unmount(entry.Id, force ? Libc.MNT_FORCE : 0) < 0)
        {
            throw new NativeException("unmount", entry.Target.ToString(), Marshal.GetLastPInvokeError());
        }
    }

    private static void BindBelow(MountTable table, ByteString source, ByteString target, MountFlags flags, Fd staging, List<ulong> made)
    {
        using var top = RootedPath.OpenResolved(target);
        if (FileSystem.Id(top) != made[0])
        {
            throw Files.Failed("nmount", top, Errno.ENOENT); // another process moved it
        }

        foreach (var entry in table.Entries.Where(e => e.Target.IsBelow(source) && table.At(e.Target) == e))
        {
            using var from = RootedPath.OpenResolved(entry.Target);
            if (FileSystem.Id(from) == entry.Id) // else another mount above covers it
            {
                using var onto = RootedPath.OpenBelow(top, new ByteString(entry.Target.After(source).Bytes.TrimStart((byte)'/')));
                made.Add(BindOne(from, entry.Target, onto, flags, staging));
            }
        }
    }

    private static ulong BindOne(Fd source, ByteString path, Fd target, MountFlags flags, Fd staging)
    {
        var status = Files.Status(target);
        if (status.Identity == Files.Status(source).Identity)
        {
            // mount_nullfs(8): older kernels fall over a directory that is mounted on itself.
            throw Files.Failed("nmount", target, Errno.EDEADLK);
        }

        if (!staging.IsOpen)
        {
            return BindOne(source, path, target, status, flags);
        }

        var (id, place) = Staging.Mount(source, path, staging, flags);
        try
        {
            return BindOne(source, place, target, status, flags);
        }
        catch
        {
            Staging.Unmount(id, 0);
            throw;
        }
    }

    private static ulong BindOne(Fd source, ByteString path, Fd target, in FileStatus status, MountFlags flags)
    {
        if (status.IsDirectory)
        {
            return BindHere(source, path, target, new ByteString("."), flags);
        }

        // nmount(2) needs a name, and a file has one only in its directory. kvol uses the name that the kernel knows, if it still leads to
        // this file.
        var on = Files.PathOf(target);
        var slash = on.Bytes.LastIndexOf((byte)'/');
        var name = new ByteString(on.Bytes[(slash + 1)..]);
        using var parent = RootedPath.OpenResolved(slash <= 0 ? new ByteString("/"u8) : new ByteString(on.Bytes[..slash]));
        return status.Links != 1
            ? throw new NativeException("nmount", on.ToString(), Errno.EINVAL, "a file with several names cannot be mounted on")
            : Files.Status(parent, name).Identity == status.Identity ? BindHere(source, path, parent, name, flags)
            : throw new NativeException("nmount", on.ToString(), Errno.EBUSY, "the file was moved while it was being mounted on");
    }

    /// <summary>Mounts the open source, which is at <paramref name="path"/>, on the directory (by the name <c>.</c>) or on a file in
    /// it.</summary>
    internal static ulong BindHere(Fd source, ByteString path, Fd directory, ByteString name, MountFlags flags)
    {
        Libc.Stat wanted;
        FileSystem.Read(source, &wanted);
        var meant = wanted;
        return Attempt(directory, name, Host.BindType, path, on => Nmount.Nullfs(on, path, flags), root =>
            FileSystem.IsSameBelow(root, meant)).Id;
    }

    private static (ulong Id, MountFlags Flags) Attempt(
        Fd directory, ByteString name, string type, ByteString source, Action<ByteString> nmount, Func<Libc.Stat, bool> isMeant)
    {
        var before = MountTable.Rows().Select(r => r.Id).ToHashSet();
        var found = WorkingDirectory.Run(directory, back: false, () =>
        {
            nmount(name);

            // mountcheckdirs of sys/kern/vfs_mount.c has moved this process from the covered directory onto the mount; a file is seen by
            // its name.
            try
            {
                using var there = Files.OpenReference(Files.Here, name);
                Libc.Stat root;
                FileSystem.Read(there, &root);
                return (Id: FileSystem.Id(there), IsMeant: isMeant(root));
            }
            catch (NativeException e) when (!e.IsWrongQuestion)
            {
                return (Id: 0ul, IsMeant: false); // something else has the name by now
            }
        });
        var later = MountTable.Rows().Where(r => !before.Contains(r.Id) && r.Type == type).ToArray();
        if (found.IsMeant && later.FirstOrDefault(r => r.Id == found.Id) is { } row)
        {
            return (row.Id, row.Flags); // it shows the very source, whatever path that has by now
        }

        var made = later.Where(r => r.From.Equals(source)).ToArray();
        // Another process may concurrently have mounted the same source elsewhere. kvol leaves mounts that it cannot tell apart, and names
        // them.
        var ours = made.Where(r => r.Id == found.Id).DefaultIfEmpty(made.Length == 1 ? made[0] : null).Single();
        var undone = ours is not null && Staging.Unmount(ours.Id, 0) == 0;
        throw new NativeException("nmount", source.ToString(), Errno.EBUSY,
            "the place or the source was exchanged while it was being mounted; " + (
            undone ? "the mount was undone"
            : made.Length == 0 ? "the mount table does not show the mount; look with mount(8) and unmount it"
            : $"unmount {string.Join(" or ", made.Select(r => r.On))}"));
    }
}
