using System;

namespace Kvol.Native;

/// <summary>What the mount of NFS says of locks and of what this host remembers: mount_nfs(8). flock(2) is a lock at the server, unless the
/// mount is one of version 3 or 2 with the option nolockd (nfs_advlock, sys/fs/nfsclient/nfs_clvnops.c).</summary>
internal static unsafe class NetworkFileSystem
{
    // A nullfs may show a part of another one, and be mounted over its own source.
    private const int MostLayers = 16;

    /// <summary>The mount that an open directory is seen through, below every nullfs(5); null if it is not one of NFS. Only then are its
    /// options asked for, as nfsstat(8) -m does. Users other than root, who take no locks, are not told them (sys_nfssvc,
    /// sys/nfs/nfs_nfssvc.c).</summary>
    public static NetworkMount? Of(Fd directory)
    {
        Libc.Statfs s;
        FileSystem.Read(directory, &s);
        for (var layer = 0; FileSystem.IsNullfs(&s); layer++)
        {
            if (layer == MostLayers || !ReadBelow(&s))
            {
                return null;
            }
        }

        if (!FileSystem.Text(s.f_fstypename, Libc.MFSNAMELEN).Is("nfs"))
        {
            return null;
        }

        var options = stackalloc byte[Libc.PATH_MAX];
        options[0] = 0;
        var request = new Libc.NfsclDumpmntopts { ndmnt_fname = s.f_mntonname, ndmnt_blen = Libc.PATH_MAX, ndmnt_buf = options };
        if (Host.IsRoot)
        {
            Files.Check(Libc.nfssvc(Libc.NFSSVC_DUMPMNTOPTS, &request), "nfssvc", directory);
        }

        return Of(FileSystem.Text(s.f_mntfromname, Libc.MNAMELEN).ToString(), FileSystem.Text(options, Libc.PATH_MAX).ToString());
    }

    // Replaces what statfs(2) says of a nullfs by what it says of its source; false if nothing has that path any more.
    private static bool ReadBelow(Libc.Statfs* s)
    {
        try
        {
            using var source = Files.OpenReference(FileSystem.Text(s->f_mntfromname, Libc.MNAMELEN));
            FileSystem.Read(source, s);
            return true;
        }
        catch (NativeException e) when (e.Failure is Failure.NotFound or Failure.NotDirectory)
        {
            return false;
        }
    }

    /// <summary>The mount of a source with these options, which commas separate.</summary>
    internal static NetworkMount Of(string source, string options)
    {
        var words = options.Split(',');
        var local = Array.IndexOf(words, "nolockd") >= 0 && Array.IndexOf(words, "nfsv4") < 0;
        return new NetworkMount("nfs", source,
            local ? UnsafeOption.OfLocks("nolockd", "the option nfsv4, or without nolockd and with rpc.lockd running")
                : Array.IndexOf(words, "nocto") >= 0 ? UnsafeOption.NoCto : null);
    }
}
