using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Storage.Mounts;

/// <summary>Finds the mount points of a dry run. A destination may lie in what an earlier step mounts.</summary>
internal sealed class PlannedPlaces(RootDirectory root, Plan plan)
{
    /// <summary>What will be at a destination after the steps so far; null if nothing will be.</summary>
    public MountPlace? Find(string destination)
    {
        var place = Find(Split(destination));
        return place is null || plan.MountAbove(place.Path)?.Target.Equals(place.Path) != true ? place
            : throw new KvolException(ExitStatus.Busy, destination,
                "another mount of this command is there; give each mount a destination of its own");
    }

    /// <summary>The same; announces the mount point if nothing will be there.</summary>
    public MountPlace FindOrMake(string destination, bool file)
    {
        var parts = Split(destination);
        for (var links = 0; ;)
        {
            if (Find(parts) is { } found)
            {
                return found;
            }

            if (parts.Count > RootDirectory.MostParts)
            {
                throw RootDirectory.TooDeep(destination, parts.Count);
            }

            var depth = parts.Count - 1;
            MountPlace? held;
            while ((held = Find(parts.Take(depth).ToList())) is null)
            {
                depth--;
            }

            using var parent = held;
            if (parent.Descriptor.IsOpen && RootDirectory.ReadLink(parent.Descriptor, new ByteString(parts[depth])) is { } target)
            {
                if (++links > RootDirectory.MaximumLinks)
                {
                    throw new KvolException(ExitStatus.CannotCreate, destination, "too many symbolic links");
                }

                parts = [.. target.StartsWith('/') ? [] : parts.Take(depth), .. Split(target), .. parts.Skip(depth + 1)];
                continue;
            }

            return Announce(parent, parts.Skip(depth).ToArray(), file);
        }
    }

    private MountPlace Announce(MountPlace parent, string[] missing, bool file)
    {
        var path = parent.Path.Plus(new ByteString("/" + string.Join('/', missing)));
        plan.Note("record the mount points that are made, so that they are removed again");
        if (!file || missing.Length > 1)
        {
            plan.Do("mkdir", "-p", file ? parent.Path.Plus(new ByteString("/" + string.Join('/', missing[..^1]))).Text : path.Text);
        }

        if (file)
        {
            plan.Do("touch", path.Text);
        }

        return new MountPlace(Fd.None, plan.NewObject(file ? FileKind.Regular : FileKind.Directory), path);
    }

    private MountPlace? Find(List<string> parts)
    {
        var depth = parts.Count;
        Fd? held;
        while ((held = root.Find(RootDirectory.Join(parts, depth))) is null)
        {
            depth--;
        }

        var rest = parts.Skip(depth).ToArray();
        var path = Files.PathOf(held.Value).Plus(new ByteString(rest.Length == 0 ? "" : "/" + string.Join('/', rest)));
        if (plan.MountAbove(path) is not { } mount)
        {
            return Uncovered(held.Value, rest.Length == 0, path);
        }

        held.Value.Dispose();
        var inside = path.After(mount.Target);
        if (inside.Length == 0)
        {
            return new MountPlace(mount.Content.IsOpen ? Files.Reopen(mount.Content) : Fd.None, plan.NewObject(FileKind.Directory), path);
        }

        try
        {
            return mount.Content.IsOpen ? MountPlace.Of(RootedPath.Open(mount.Content, inside))! with { Path = path } : null;
        }
        catch (NativeException e) when (e.Failure == Failure.NotFound)
        {
            return null;
        }
        catch (NativeException e) when (e.Failure == Failure.NotDirectory)
        {
            throw new KvolException(ExitStatus.CannotCreate, "/" + string.Join('/', parts),
                "a part of the destination is a file, not a directory");
        }
    }

    // What is below a mount that an earlier step undoes cannot be seen yet. It is what the mount was made on.
    private MountPlace? Uncovered(Fd there, bool isWhole, ByteString path)
    {
        if (!isWhole)
        {
            there.Dispose();
            return null;
        }

        var place = MountPlace.Of(there)!;
        if (!place.Status.IsMountRoot || !plan.Unmounts(place.Status.MountId))
        {
            return place;
        }

        place.Dispose();
        return new MountPlace(Fd.None, plan.NewObject(place.Status.Kind), path);
    }

    private static List<string> Split(string path) => [.. path.Split('/', StringSplitOptions.RemoveEmptyEntries)];
}
