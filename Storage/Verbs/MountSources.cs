using System;
using System.Collections.Generic;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Mounts;
using Kvol.Storage.Stores;
using Kvol.Storage.Values;

namespace Kvol.Storage.Verbs;

/// <summary>Opens the source of a spec, and refuses one that cannot be mounted.</summary>
internal static class MountSources
{
    /// <summary>Opens the volume's content, the path inside it, or the host's directory or file. Nothing is open for a new file
    /// system. <paramref name="made"/>: see <see cref="HostDirectory.OpenOrMake"/>.</summary>
    public static MountSource Open(MountSpec spec, RootSession session, Action<ByteString, FileIdentity>? made = null)
    {
        var owners = OpenNamespace(spec, out var number);
        try
        {
            return OpenAlone(spec, session, made) with { UserNamespace = owners, NamespaceNumber = number };
        }
        catch
        {
            owners.Dispose();
            throw;
        }
    }

    /// <summary>Throws the errors of <see cref="OpenNamespace"/>, before anything is made.</summary>
    public static void CheckNamespaces(IEnumerable<MountSpec> specs)
    {
        foreach (var spec in specs)
        {
            OpenNamespace(spec, out _).Dispose();
        }
    }

    /// <summary>Opens the user namespace that a spec names; closed if it names none. An error (66) if nothing is there, (64) if that is
    /// no user namespace that maps ids.</summary>
    public static Fd OpenNamespace(MountSpec spec, out ulong number)
    {
        number = 0;
        if (spec.IdMap is not { } path)
        {
            return Fd.None;
        }

        Fd found;
        try
        {
            found = UserNamespace.Open(new ByteString(path), out number);
        }
        catch (NativeException e) when (e.Failure is Failure.NotFound or Failure.NotDirectory or Failure.Loop)
        {
            throw new KvolException(ExitStatus.NoInput, path, "there is no user namespace: the process that had it may have ended");
        }

        if (found.IsOpen && !UserNamespace.IsFirst(number))
        {
            return found;
        }

        var isOne = found.IsOpen;
        found.Dispose();
        throw new KvolException(ExitStatus.Usage, path, isOne
            ? "is the user namespace of the host, in which every id is itself; leave out 'idmap'"
            : "is not a user namespace; 'idmap' takes /proc/PID/ns/user, or a file on which one is bind-mounted");
    }

    private static MountSource OpenAlone(MountSpec spec, RootSession session, Action<ByteString, FileIdentity>? made)
    {
        if (spec.New is { Type: var type })
        {
            var directory = new FileStatus() with { Kind = FileKind.Directory };
            return new MountSource(Fd.None, directory, new ByteString(type), new ByteString(""), MountFlags.None);
        }

        if (spec.Snapshot is not null)
        {
            return OpenSnapshot(spec, spec.Snapshot, session);
        }

        if (session.Context.Plan is { } plan && PlannedSource(spec, session.Store) is { } planned)
        {
            return new MountSource(Fd.None, plan.NewObject(FileKind.Directory), planned, planned, MountFlags.None);
        }

        return Of(spec.Volume is not null ? OpenVolume(spec, session.Store!) : OpenHost(spec, made), spec, session);
    }

    private static MountSource Of(Fd fd, MountSpec spec, RootSession session)
    {
        try
        {
            var status = Files.Status(fd);
            if (status.Kind is not (FileKind.Directory or FileKind.Regular))
            {
                throw NotMountable(spec);
            }

            var path = Files.PathOf(fd);
            var mount = session.Mounts.Table.RowOf(fd);
            return new MountSource(fd, status, path, MountTable.OriginOf(mount, path), mount?.Flags ?? MountFlags.None);
        }
        catch
        {
            fd.Dispose();
            throw;
        }
    }

    private static MountSource OpenSnapshot(MountSpec spec, SnapshotName snapshot, RootSession session)
    {
        if (session.Context.Plan is { } plan && session.Store!.PlannedContent(snapshot.Volume) is { } home)
        {
            var path = home.Plus(new ByteString($"/.zfs/snapshot/{snapshot.Name}")); // its dataset is mounted by an earlier step only
            return new MountSource(Fd.None, plan.NewObject(FileKind.Directory), path, path, MountFlags.None);
        }

        var content = session.Store!.OpenContent(snapshot);
        if (!content.Mount.IsOpen)
        {
            return Of(spec.Subpath is null ? content.Directory : OpenInside(content.Directory, spec), spec, session);
        }

        var dataset = session.Store.Find(snapshot.Volume)?.Dataset;
        var source = new MountSource(content.Directory, Files.Status(content.Directory), new ByteString($"{dataset}@{snapshot.Name}"),
            content.Origin!, content.Flags)
        { Detached = content.Mount };
        if (spec.Subpath is null)
        {
            return source;
        }

        source.Dispose();
        throw new KvolException(ExitStatus.Unavailable, spec.SourceText,
            $"this system mounts a snapshot of a dataset as a whole; leave out 'subpath', or mount a copy: kvol clone {snapshot} NEW");
    }

    /// <summary>Refuses a source inside the destination, or the reverse: the mount would contain itself.</summary>
    public static void RefuseOverlap(MountSpec spec, MountSource source, RootDirectory root, MountPlace? destination)
    {
        if (destination?.Status.Identity == root.Identity)
        {
            throw new KvolException(ExitStatus.Usage, spec.Destination, "leads to the root directory itself");
        }

        var target = destination?.Path ?? root.Path.Plus(new ByteString(spec.Destination));
        if (destination is { Status.IsMountRoot: true })
        {
            return; // an existing mount is compared by its source
        }

        if (source.Path.IsAtOrBelow(target) || target.IsBelow(source.Path))
        {
            throw new KvolException(ExitStatus.Usage, spec.SourceText, source.Path.Equals(target)
                ? $"source and destination {spec.Destination} are the same"
                : source.Path.IsBelow(target) ? $"the source lies inside the destination {spec.Destination}"
                    : $"the destination {spec.Destination} lies inside the source");
        }
    }

    // The path of a source that an earlier step of a dry run makes; null if it exists already.
    private static ByteString? PlannedSource(MountSpec spec, IVolumeStore? store)
    {
        if (spec.Volume is { } volume)
        {
            var path = store!.PlannedContent(volume);
            return path is null || spec.Subpath is null ? path : throw NotInside(spec);
        }

        return spec.CreateSource && !Files.Exists(Files.Here, new ByteString(spec.HostPath!)) ? new ByteString(spec.HostPath!) : null;
    }

    private static KvolException NotInside(MountSpec spec) =>
        new(ExitStatus.NoInput, spec.SourceText, "no such directory or file inside the volume");

    private static Fd OpenVolume(MountSpec spec, IVolumeStore store)
    {
        if (spec.Subpath is null)
        {
            return store.OpenContent(spec.Volume!);
        }

        return OpenInside(store.OpenContent(spec.Volume!), spec);
    }

    private static Fd OpenInside(Fd top, MountSpec spec)
    {
        using var content = top;
        try
        {
            return RootedPath.Open(content, new ByteString(spec.Subpath!));
        }
        catch (NativeException e) when (e.Failure is Failure.NotFound or Failure.NotDirectory or Failure.Loop)
        {
            throw NotInside(spec);
        }
        catch (NativeException e) when (e.Failure == Failure.WrongType)
        {
            throw NotMountable(spec);
        }
    }

    private static Fd OpenHost(MountSpec spec, Action<ByteString, FileIdentity>? made)
    {
        try
        {
            return Files.OpenReference(new ByteString(spec.HostPath!));
        }
        catch (NativeException e) when (e.Failure == Failure.NotFound && spec.CreateSource)
        {
            HostDirectory.OpenOrMake(spec.HostPath!, made).Dispose();
            return Files.OpenReference(new ByteString(spec.HostPath!));
        }
        catch (NativeException e) when (e.Failure == Failure.WrongType)
        {
            throw NotMountable(spec);
        }
        catch (NativeException e)
        {
            throw new KvolException(ExitStatus.NoInput, new ByteString(spec.HostPath!).ToString(), e.Failure == Failure.NotFound
                ? "the source does not exist (the option 'create-source' makes a directory)" : e.Reason);
        }
    }

    private static KvolException NotMountable(MountSpec spec) =>
        new(ExitStatus.Usage, spec.SourceText, "is neither a directory nor a regular file; only those can be mounted");
}
