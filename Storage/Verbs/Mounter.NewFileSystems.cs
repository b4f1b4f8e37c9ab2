using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Mounts;
using Kvol.Storage.Values;

namespace Kvol.Storage.Verbs;

/// <content>Mounts of file systems that have no source.</content>
internal sealed partial class Mounter
{
    private MountResult MakeNew(MountPlace place, MountSpec spec, MountSource source)
    {
        var (type, options) = (spec.New!.Type, spec.New.MountOptions(place.Status));
        if (session.Context.Plan is { } plan)
        {
            plan.Mount(place.Path, Fd.None, [MountCommands.New(type, options, place.Path, spec.Flags)]);
            Remember(RecordOf(place, spec, source));
            return Result(place.Path);
        }

        var record = RecordOf(place, spec, source);
        var id = Make();
        Remember(record with { Id = id });
        var (path, unique) = MountCheck.Verify(session, spec, source, id);
        Remember(record with { Id = id, Target = path.ToString(), UniqueId = unique });
        return Result(path);

        // Only the record tells that such a mount is kvol's, so it is written before the kernel can show the mount.
        ulong Make()
        {
            try
            {
                return KernelMounts.MountNew(type, options, place.Descriptor, spec.Flags, Planned,
                    known => undo.Mounts(known, source.Origin, recursive: false));
            }
            catch (NativeException e) when (e.Subject == type)
            {
                throw new KvolException(e.Failure == Failure.NoDevice ? ExitStatus.Unavailable : HostProbe.StatusOf(e), spec.Destination,
                    $"cannot mount a {type} there: {e.Reason}");
            }
        }

        void Planned(ByteString origin)
        {
            source = source with { Origin = origin };
            record = record with { Origin = origin.ToString() };
            Remember(record);
            session.Save();
        }

        MountResult Result(ByteString at) =>
            new(spec, at.Text, spec.IsReadOnly, AlreadyMounted: false, VolumeCreated: false, null);
    }
}
