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
}
