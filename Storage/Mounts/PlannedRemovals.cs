using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Storage.Mounts;

/// <summary>Announces the mount points that kvol made and that are no longer needed after the steps so far.</summary>
internal static class PlannedRemovals
{
    public static void Announce(Plan plan, RootDirectory inside, IEnumerable<MadeMountPoint> made, IEnumerable<PlannedMountPoint> planned)
    {
        foreach (var mountPoint in made.OrderByDescending(m => m.Path.AsSpan().Count('/')))
        {
            try
            {
                using var parent = inside.OpenParent(mountPoint.Path, out var name);
                var status = Files.Status(parent, name);
                var path = Files.PathOf(parent).Plus(new ByteString("/" + name));
                if (status.IsMountRoot ? plan.Unmounts(status.MountId)
                    : MadeObject.Of(status) == mountPoint.Object && IsUnused(plan, parent, name, path))
                {
                    plan.Remove(path, status.IsDirectory);
                }
            }
            catch (NativeException e) when (!e.IsWrongQuestion)
            {
                // it is gone, or cannot be seen now
            }
        }

        foreach (var mountPoint in planned)
        {
            plan.Note($"remove {inside.Path}{mountPoint.Path} if a killed command made it and it is empty");
        }
    }

    private static bool IsUnused(Plan plan, Fd parent, ByteString name, ByteString path)
    {
        var status = Files.Status(parent, name);
        if (!status.IsDirectory)
        {
            return status is { Kind: FileKind.Regular, Size: 0, Links: 1 };
        }

        using var directory = Files.OpenDirectory(parent, name);
        var reader = new DirectoryReader();
        for (reader.Start(directory); reader.MoveNext();)
        {
            if (!plan.Removes(path.Plus(new ByteString("/" + reader.Name.ToString()))))
            {
                return false;
            }
        }

        return true;
    }
}
