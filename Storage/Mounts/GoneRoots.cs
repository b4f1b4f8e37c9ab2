using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Native;

namespace Kvol.Storage.Mounts;

/// <summary>Tells the holds whose container is certainly gone. A container that cannot be looked for counts as there.</summary>
internal sealed class GoneRoots
{
    private readonly Lazy<MountTable> own = new(MountTable.Read);
    private readonly Lazy<IReadOnlyList<NamespaceMounts>?> elsewhere = new(Elsewhere);

    /// <summary>Whether the container's root directory does not exist any more, or was the top of a mount that is gone.</summary>
    public bool Contains(Hold hold) => hold.Root is { } root && (hold.Mount is { } mount ? IsGone(mount) : RootDirectory.IsGone(root));

    // A container that starts again gets a mount with the same path and source, and often with the same id: only its number tells them
    // apart, where the kernel has one.
    private bool IsGone(RootMount mount)
    {
        var isKnown = MountTable.Find(mount.UniqueId, out var row);
        var isHere = isKnown ? row is not null : own.Value.Find(mount.Id) is { } entry && mount.IsOf(entry);
        return !isHere && elsewhere.Value is { } all
            && !all.Any(n => n.Table.Find(mount.Id) is { } there && mount.IsOf(there) && own.Value.Find(mount.Id) is null);
    }

    private static IReadOnlyList<NamespaceMounts>? Elsewhere()
    {
        try
        {
            return ProcessTable.OtherMountTables();
        }
        catch (NativeException e) when (!e.IsWrongQuestion)
        {
            return null;
        }
    }
}
