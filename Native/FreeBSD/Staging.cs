using System;
using System.Linq;

namespace Kvol.Native;

/// <summary>nmount(2) looks the source of a nullfs(5) up by its path. Where a jail can change that path, kvol first makes the mount in a
/// private directory, compares it with the object that it opened, and mounts from there. The kernel keeps the first mount while the mount
/// on top of it exists (dounmount of sys/kern/vfs_mount.c: EBUSY while mnt_uppers is not empty).</summary>
internal static unsafe class Staging
{
    private const string Prefix = "kvol-staging-";

    /// <summary>Whether <see cref="Mount"/> made this mount point.</summary>
    public static bool IsStaging(ByteString path) => path.Bytes[(path.Bytes.LastIndexOf((byte)'/') + 1)..].StartsWith("kvol-staging-"u8);

    /// <summary>Mounts the open source, which was at <paramref name="path"/>, in the private directory, with those of the
    /// <paramref name="flags"/> that a mount on top of it would not make up for. Returns the id and the mount
    /// point.</summary>
    public static (ulong Id, ByteString Place) Mount(Fd source, ByteString path, Fd staging, MountFlags flags)
    {
        var top = Files.PathOf(staging);
        RemoveStale(top, path);
        var name = new ByteString(Prefix + RandomHex.Of(16));
        if (!Files.Status(source).IsDirectory)
        {
            Files.MakeNode(staging, name, FileKind.Regular, 0, 0);
            return (Try(staging, name), Place());
        }

        Files.MakeDirectory(staging, name, 0);
        using var directory = Files.OpenDirectory(staging, name);
        return (Try(directory, new ByteString(".")), Place());

        ByteString Place() => top.Plus(new ByteString([(byte)'/', .. name.Bytes]));

        ulong Try(Fd at, ByteString on)
        {
            try
            {
                return KernelMounts.BindHere(source, path, at, on, flags & MountFlags.NoCache);
            }
            catch
            {
                RemovePlace(Place());
                throw;
            }
        }
    }

    /// <summary>unmount(2) of a file system by its id (MNT_BYFSID), and then of the mount in the private directory below it. 0, or -1
    /// with errno.</summary>
    public static int Unmount(ulong id, int flags)
    {
        var rows = MountTable.Rows();
        var row = rows.FirstOrDefault(r => r.Id == id);
        var below = row is null ? null : rows.FirstOrDefault(r => r.On.Equals(row.From) && IsStaging(r.On));
        var result = UnmountId(id, flags);
        if (result == 0 && row is not null && IsStaging(row.On))
        {
            RemovePlace(row.On);
        }

        if (result == 0 && below is not null && UnmountId(below.Id, flags) == 0)
        {
            RemovePlace(below.On);
        }

        return result;
    }

    // Removes such mounts that a crash left with no mount on top of them. The caller holds the lock of the volume that they show.
    private static void RemoveStale(ByteString top, ByteString path)
    {
        var rows = MountTable.Rows();
        foreach (var row in rows.Where(r =>
            IsStaging(r.On) && r.On.IsBelow(top) && r.From.Equals(path) && !rows.Any(u => u.From.Equals(r.On))))
        {
            _ = Unmount(row.Id, 0);
        }
    }

    private static int UnmountId(ulong id, int flags)
    {
        fixed (byte* p = new ByteString($"FSID:{(int)(uint)id}:{(int)(uint)(id >> 32)}").Terminated)
        {
            return Libc.unmount(p, Libc.MNT_BYFSID | flags);
        }
    }

    private static void RemovePlace(ByteString place)
    {
        try
        {
            var slash = place.Bytes.LastIndexOf((byte)'/');
            using var parent = RootedPath.OpenResolved(new ByteString(place.Bytes[..slash]));
            var name = new ByteString(place.Bytes[(slash + 1)..]);
            if (Files.Status(parent, name).IsDirectory)
            {
                Files.RemoveDirectory(parent, name);
            }
            else
            {
                Files.Remove(parent, name);
            }
        }
        catch (NativeException e) when (!e.IsWrongQuestion)
        {
            // an empty directory or file is left in a directory of kvol's own
        }
    }
}
