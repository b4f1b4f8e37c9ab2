using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Native;

namespace Kvol.Storage.Mounts;

/// <summary>Keeps other mounts of a root directory busy while some are unmounted by path. If a jail exchanges two paths at that moment, the
/// unmount fails instead of unmounting the wrong mount.</summary>
internal sealed class MountPins : IDisposable
{
    // Opening a mount whose server is dead can block for ever; the result of the unmount is checked in any case.
    private static readonly string[] Remote = ["nfs", "cifs", "smb", "9p", "ceph", "afs", "fuse", "autofs"];

    private readonly List<Fd> held = [];

    /// <summary>Pins the mounts below the root directory that are mounted on the same mounts as <paramref name="wanted"/> and are not among
    /// them.</summary>
    public static MountPins Of(RootSession session, IReadOnlyList<MountEntry> wanted)
    {
        var pins = new MountPins();
        if (!KernelMounts.UnmountsByPlace || session.Root is not { } root)
        {
            return pins;
        }

        var ids = wanted.Select(w => w.Id).ToHashSet();
        var parents = wanted.Select(w => w.ParentId).ToHashSet();
        foreach (var entry in session.Mounts.Table.Entries.Where(e =>
            e.Target.IsBelow(root.Path) && parents.Contains(e.ParentId) && !ids.Contains(e.Id)))
        {
            if (!Remote.Any(type => entry.FileSystem.StartsWith(type, StringComparison.Ordinal)))
            {
                pins.Hold(entry);
            }
        }

        return pins;
    }

    public void Dispose() => held.ForEach(fd => fd.Dispose());

    private void Hold(MountEntry entry)
    {
        try
        {
            var fd = RootedPath.OpenResolved(entry.Target);
            if (Files.Status(fd).MountId == entry.Id)
            {
                held.Add(fd);
            }
            else
            {
                fd.Dispose(); // exchanged already: it must not keep a wanted mount busy
            }
        }
        catch (NativeException e) when (!e.IsWrongQuestion)
        {
            // it was moved or unmounted, or cannot be opened: only the check after the unmount protects it
        }
    }
}
