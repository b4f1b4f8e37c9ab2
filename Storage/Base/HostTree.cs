using System;
using Kvol.Native;
using Kvol.Storage.Values;

namespace Kvol.Storage.Base;

/// <summary>A directory of the host that becomes a volume: the place of its name, and the directory itself, open and identified.</summary>
internal sealed class HostTree : IDisposable
{
    private HostTree(HostPlace place, Fd directory) => (Place, Directory, Status) = (place, directory, Files.Status(directory));

    public HostPlace Place { get; }

    public Fd Directory { get; }

    /// <summary>Its status when it was opened.</summary>
    public FileStatus Status { get; }

    /// <summary>Opens it; an error (64, 66) if it is not a directory or is a link, (75) if it is a mount point.</summary>
    public static HostTree Open(string path)
    {
        var place = HostPlace.Open(path);
        HostTree? tree = null;
        try
        {
            tree = new HostTree(place, OpenDirectory(place));
            tree.RequireUnmounted();
            return tree;
        }
        catch
        {
            tree?.Directory.Dispose();
            place.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        Directory.Dispose();
        Place.Dispose();
    }

    private static Fd OpenDirectory(HostPlace place)
    {
        try
        {
            return Files.OpenDirectory(place.Parent, place.Name);
        }
        catch (NativeException e) when (e.Failure is Failure.NotFound or Failure.NotDirectory or Failure.Loop)
        {
            throw e.Failure != Failure.NotFound && IsLink(place) ? place.LinkError()
                : new KvolException(ExitStatus.NoInput, new ByteString(place.Path).ToString(),
                    e.Failure == Failure.NotFound ? "does not exist" : "is not a directory");
        }
    }

    private static bool IsLink(HostPlace place)
    {
        try
        {
            return Files.Status(place.Parent, place.Name).Kind == FileKind.SymbolicLink;
        }
        catch (NativeException e) when (e.Failure == Failure.NotFound)
        {
            return false;
        }
    }

    private void RequireUnmounted()
    {
        if (Status.MountId == Files.Status(Place.Parent).MountId && !Status.IsMountRoot)
        {
            return;
        }

        var path = Shown.Quoted(Place.Path);
        var dataset = MountTable.Read().Find(Status.MountId) is { IsWholeDataset: true } row ? row.Dataset : null;
        throw new KvolException(ExitStatus.Busy, new ByteString(Place.Path).ToString(), dataset is null
            ? $"is a mount point, which cannot be moved; unmount it first (umount {path}), or copy it: kvol create VOL; "
                + $"kvol seed VOL {path}"
            : $"is the mountpoint of the dataset {dataset}; for a store in the same pool: kvol adopt {Shown.Quoted(dataset.Text)} VOL");
    }
}
