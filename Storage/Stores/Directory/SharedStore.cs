using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>A directory store in a file system that another host serves, so that several hosts may use it.</summary>
internal sealed class SharedStore(NetworkMount mount, Fd directory, Upkeep upkeep)
{
    /// <summary>The mount that this host sees the store through.</summary>
    public NetworkMount Mount => mount;

    /// <summary>Which hosts use which volumes.</summary>
    public HostRecords Hosts { get; } = new(directory, upkeep);

    /// <summary>The directory with the locks that processes of all hosts take; closed if it does not exist and <paramref name="create"/>
    /// is false.</summary>
    public Fd OpenLocks(bool create) => OwnDirectory.Open(directory, DirectoryStore.LocksName, upkeep, create);

    /// <summary>Throws an error (69) if hosts cannot share a store through a mount.</summary>
    public static void RequireSafe(NetworkMount mount, string path)
    {
        if (mount.Unsafe is { } option)
        {
            throw new KvolException(ExitStatus.Unavailable, path,
                $"is mounted from {mount.Source} with the option {option.Name}, so that {option.Effect}; mount it with {option.Remedy}");
        }
    }

    /// <summary>Makes the client ask the server again for a directory in the store: for opening one by its name it does that whatever it
    /// remembers (close-to-open consistency, nfs(5)), and forgets the names in it if it has changed.</summary>
    public static void Refresh(Fd at, ByteString name)
    {
        try
        {
            Files.OpenDirectory(at, name).Dispose();
        }
        catch (NativeException e) when (e.Failure is Failure.NotFound or Failure.NotDirectory or Failure.Loop)
        {
            // whoever looks for it says so
        }
    }

    /// <summary>The error (69) of a lock that the server does not give.</summary>
    public KvolException WithoutLocks(NativeException cause) => new(ExitStatus.Unavailable, Files.PathOf(directory).ToString(),
        $"the server gives no lock ({cause.Reason}); start its lock manager (rpc.statd, on FreeBSD rpc.lockd too) on both hosts, or mount "
        + "it with NFS version 4");

    /// <summary>Whether root of this host is another user at the server; determined by an attempt, which only root can make.</summary>
    public static bool IsRootAnother(Fd directory)
    {
        if (!Host.IsRoot)
        {
            return false;
        }

        try
        {
            using var file = new NewFile(directory);
            return Files.Status(file.File).Uid != 0;
        }
        catch (NativeException e) when (e.Failure is Failure.NotPermitted)
        {
            return true; // root needs no permission
        }
        catch (NativeException e) when (!e.IsWrongQuestion)
        {
            return false; // a full or read-only file system tells nothing
        }
    }

    /// <summary>What to do about that.</summary>
    public const string RootRemedy = "root of this host is another user at the server, so that kvol cannot own what it makes; export it "
        + "with no_root_squash (maproot=root on FreeBSD), to these hosts only";
}
