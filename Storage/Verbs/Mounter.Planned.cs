using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Mounts;
using Kvol.Storage.Values;

namespace Kvol.Storage.Verbs;

/// <content>What a dry run does in place of a mount.</content>
internal sealed partial class Mounter
{
    // What the volumes will hold that are seeded by this command.
    private readonly Dictionary<VolumeName, Fd> contents = [];

    private MountResult Announce(Plan plan, MountPlace place, MountSpec spec, MountSource source, bool newVolume, SeedRecord? seeded)
    {
        if (source.Descriptor.IsOpen)
        {
            MountCheck.RequireOptions(spec, spec.Flags | (MountState.FlagsOf(source.Descriptor) & MountFlags.ReadOnly));
        }
        else if (spec.HostPath is not null)
        {
            plan.Do("mkdir", "-p", source.Path.Text);
        }

        var content = spec.Volume is { } volume && contents.TryGetValue(volume, out var held) ? held
            : source.Descriptor.IsOpen && source.Status.IsDirectory ? Files.Reopen(source.Descriptor) : Fd.None;
        var inner = spec.Recursive ? MountCheck.MountsIn(session, source).Select(e => e.Target) : [];
        plan.Mount(place.Path, content, source.Detached.IsOpen ? [MountCommands.Snapshot(source.Path, place.Path,
                spec.Flags | source.InheritedFlags, spec.IdMap)]
            : MountCommands.Bind(source.Path, place.Path, spec.Flags, spec.IdMap, [.. inner]));
        Remember(RecordOf(place, spec, source));
        return new MountResult(spec, place.Path.Text, spec.Flags.HasFlag(MountFlags.ReadOnly), AlreadyMounted: false, newVolume, seeded);
    }
}
