using System.Runtime.InteropServices;

namespace Kvol.Native;

/// <content>What Linux opens in its own way: references by O_PATH, files without a name.</content>
internal static unsafe partial class Files
{
    /// <summary>openat(2) of a directory to read; a link is <see cref="Failure.NotDirectory"/>.</summary>
    public static Fd OpenDirectory(Fd at, CName name) =>
        Open(at, name, Libc.O_RDONLY | Libc.O_DIRECTORY | Libc.O_NOFOLLOW | Libc.O_NONBLOCK | Libc.O_NOATIME, 0, "openat");

    /// <summary>open(2) of the administrator's own path as a mere reference (O_PATH), links followed.</summary>
    public static Fd OpenReference(CName path) => Open(Here, path, Libc.O_PATH, 0, "open");

    /// <summary>openat(2) of whatever it is as a mere reference; a link is opened itself.</summary>
    public static Fd OpenReference(Fd at, CName name) => Open(at, name, Libc.O_PATH | Libc.O_NOFOLLOW, 0, "openat");

    /// <summary>Opens what a reference names, to read: open(2) of its entry in /proc/self/fd.</summary>
    public static Fd OpenReferenced(Fd reference) => Open(Here, LinkTo(reference), Libc.O_RDONLY | Libc.O_NONBLOCK, 0, "open");

    /// <summary>A regular file without a name (O_TMPFILE), which vanishes with its descriptor unless <see cref="TryLink"/> names it.
    /// <see cref="Fd.None"/> where open(2) fails because the file system has no such files (EOPNOTSUPP), or because the kernel or file
    /// system does not know the flag (EISDIR, ENOENT).</summary>
    public static Fd CreateUnnamed(Fd directory, uint mode)
    {
        try
        {
            return Open(directory, CName.Of(".\0"u8), Libc.O_RDWR | Libc.O_TMPFILE, mode, "openat");
        }
        catch (NativeException e) when (e.Failure is Failure.NotSupported or Failure.IsDirectory or Failure.NotFound or Failure.Invalid)
        {
            return Fd.None;
        }
    }

    /// <summary>linkat(2): names a file that has no name yet; false when anything has the name.</summary>
    public static bool TryLink(Fd file, Fd at, CName name)
    {
        fixed (byte* o = LinkTo(file).Terminated, p = name.Terminated)
        {
            var result = Libc.linkat(Libc.AT_FDCWD, o, at.Number, p, Libc.AT_SYMLINK_FOLLOW);
            // no exception: replacing a file is the usual case
            var taken = result < 0 && Errno.Meaning(Marshal.GetLastPInvokeError()) == Failure.Exists;
            Check(taken ? 0 : result, "linkat", at, name);
            return !taken;
        }
    }
}
