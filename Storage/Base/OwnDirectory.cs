using System;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Values;

namespace Kvol.Storage.Base;

/// <summary>Directories whose content kvol trusts: the store, the run directory, and those that it makes in both. Only root may own or
/// change one.</summary>
internal static class OwnDirectory
{
    /// <summary>Opens a directory by the administrator's path, whose last component may be a link. Creates the last component when it is
    /// missing, but no other.</summary>
    public static Fd Open(string path, Upkeep upkeep, bool create = true)
    {
        var name = new ByteString(path);
        try
        {
            return Checked(Files.OpenDirectory(name), path, upkeep, IsKept);
        }
        catch (NativeException e) when (e.Failure == Failure.NotFound && create)
        {
            if (upkeep.Plan is { } plan)
            {
                return Announce(plan, path);
            }

            Make(Files.Here, name);
            return Checked(Files.OpenDirectory(name), path, upkeep, IsKept);
        }
    }

    /// <summary>Opens a directory of kvol's by its name in <paramref name="parent"/>, never through a link. Makes a missing one if
    /// <paramref name="create"/>; otherwise returns none.</summary>
    public static Fd Open(Fd parent, string name, Upkeep upkeep, bool create = true)
    {
        if (!parent.IsOpen && upkeep.Plan is not null)
        {
            return Fd.None; // an earlier step makes the parent
        }

        try
        {
            return Checked(Files.OpenDirectory(parent, new ByteString(name)), null, upkeep, _ => true);
        }
        catch (NativeException e) when (e.Failure == Failure.NotFound)
        {
            if (!create || upkeep.Plan is not null)
            {
                return Fd.None;
            }

            Make(parent, new ByteString(name));
            return Checked(Files.OpenDirectory(parent, new ByteString(name)), null, upkeep, _ => true);
        }
        catch (NativeException e) when (e.Failure is Failure.NotDirectory or Failure.Loop)
        {
            throw Refusals.InTheWay(parent, new ByteString(name), "is not a directory", "its own files");
        }
    }

    /// <summary>Opens a directory only to read it, and changes nothing. Returns none when it is missing, or when users other than root can
    /// change its entries.</summary>
    public static Fd Find(string path)
    {
        try
        {
            var directory = Files.OpenDirectory(new ByteString(path));
            if (IsClosed(Files.Status(directory)))
            {
                return directory;
            }

            directory.Dispose();
        }
        catch (NativeException e) when (e.Failure is Failure.NotFound or Failure.NotDirectory)
        {
        }

        return Fd.None;
    }

    /// <summary>Makes a directory that only root can use, durably. If the name already exists, does nothing: the caller opens and checks
    /// it.</summary>
    public static void Make(Fd parent, ByteString name)
    {
        try
        {
            Files.MakeDirectory(parent, name, Permissions.OwnerOnly);
            using (var made = Files.OpenDirectory(parent, name))
            {
                Attributes.RemoveInheritedAcl(made); // those of NFSv4 let in whom the mode does not
            }

            if (parent.IsOpen)
            {
                Files.Sync(parent);
            }
        }
        catch (NativeException e) when (e.Failure == Failure.Exists)
        {
        }
    }

    /// <summary>An error (78) when it belongs to another user. If others can write to it, removes that right and warns.</summary>
    public static void Check(Fd directory, string path, Upkeep upkeep) => Check(directory, path, upkeep, _ => true);

    /// <summary>An error (78) when it belongs to another user or others can write to it. It is not kvol's yet, so kvol does not change
    /// it.</summary>
    public static void RequireClosed(Fd directory, string path) => Check(directory, path, Upkeep.Quiet, _ => false);

    private static void Check(Fd directory, string? path, Upkeep upkeep, Predicate<Fd> isOwn)
    {
        var status = Files.Status(directory);
        if (IsClosed(status))
        {
            return;
        }

        path ??= Files.PathOf(directory).ToString();
        if (status.Uid != 0)
        {
            throw new KvolException(ExitStatus.Configuration, path,
                $"belongs to uid {status.Uid}, who can change what kvol does; look at what is in it, then: chown 0:0 {Shown.Quoted(path)}");
        }

        if (!isOwn(directory))
        {
            throw new KvolException(ExitStatus.Configuration, path,
                $"users other than root can write to it (mode {Octal(status.Mode)}), and kvol does not use it yet; name another "
                + $"directory, or: chmod go-w {Shown.Quoted(path)}");
        }

        var closed = status.Mode & ~Permissions.GroupOrOthersWrite;
        if (upkeep.Plan is { } plan)
        {
            plan.Once("chmod", Octal(closed), path);
            return;
        }

        try
        {
            Files.SetMode(directory, closed);
            upkeep.Warn($"{path}: was writable by other users (mode {Octal(status.Mode)}); kvol changed its mode to {Octal(closed)}");
        }
        catch (NativeException e) when (e.Failure == Failure.ReadOnly)
        {
            // as long as its file system is read-only, no user can write to it
        }
    }

    // The directory above it must exist, because kvol makes only the last component.
    private static Fd Announce(Plan plan, string path)
    {
        var slash = path.TrimEnd('/').LastIndexOf('/');
        using var above = Files.OpenDirectory(new ByteString(slash <= 0 ? "/" : path[..slash]));
        Files.RequireWritable(above);
        plan.MakeDirectory(new ByteString(path));
        return Fd.None;
    }

    private static Fd Checked(Fd directory, string? path, Upkeep upkeep, Predicate<Fd> isOwn)
    {
        try
        {
            Check(directory, path, upkeep, isOwn);
            return directory;
        }
        catch
        {
            directory.Dispose();
            throw;
        }
    }

    private static bool IsClosed(in FileStatus status) => status.Uid == 0 && (status.Mode & Permissions.GroupOrOthersWrite) == 0;

    // The administrator may have named a wrong directory by mistake, so kvol changes a directory only where kvol already keeps something.
    private static bool IsKept(Fd directory) => RunDirectory.Parts.Any(name => Files.Exists(directory, new ByteString(name)));

    private static string Octal(uint mode) => Convert.ToString(mode, 8).PadLeft(4, '0');
}
