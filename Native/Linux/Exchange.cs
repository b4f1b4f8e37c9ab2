using System.Runtime.InteropServices;

namespace Kvol.Native;

/// <summary>Two names change places at one instant: renameat2(2), Linux 3.15.</summary>
internal static unsafe partial class Exchange
{
    private const uint RENAME_EXCHANGE = 2;

    /// <summary>Exchanges two entries of a directory; <see cref="Failure.Invalid"/> where the file system cannot.</summary>
    public static void Names(Fd directory, CName a, CName b)
    {
        fixed (byte* first = a.Terminated, second = b.Terminated)
        {
            Files.Check(renameat2(directory.Number, first, directory.Number, second, RENAME_EXCHANGE), "renameat2", directory, a);
        }
    }

    [LibraryImport("libc.so.6", SetLastError = true)]
    private static partial int renameat2(int fromDirectory, byte* from, int toDirectory, byte* to, uint flags);
}
