namespace Kvol.Native;

/// <summary>The options of the mount that an open object is seen through: fstatfs(2).</summary>
internal static unsafe class MountState
{
    /// <summary>Its options.</summary>
    public static MountFlags FlagsOf(Fd fd)
    {
        Libc.Statfs s;
        FileSystem.Read(fd, &s);
        return MountTable.Flags(s.f_flags);
    }

    /// <summary>The place that the mount table shows for the mount: f_mntonname, the path at the time of nmount(2), which no later rename
    /// changes.</summary>
    public static ByteString PlaceOf(Fd fd)
    {
        Libc.Statfs s;
        FileSystem.Read(fd, &s);
        return FileSystem.Text(s.f_mntonname, Libc.MNAMELEN);
    }

    /// <summary>None: a row of the mount table keeps its mount point as long as the mount exists, so id and mount point together identify a
    /// mount.</summary>
    public static ulong UniqueId(Fd fd) => 0;

    /// <summary>Never: there is no such number.</summary>
    public static bool IsMount(ulong uniqueId, ulong id) => false;
}
