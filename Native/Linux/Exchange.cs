using System.Runtime.InteropServices;

namespace Kvol.Native;

/// <summary>What rename(2) itself does not do: renameat2(2), Linux 3.15.</summary>
internal static unsafe partial class Exchange
{
    private const uint RENAME_NOREPLACE = 1, RENAME_EXCHANGE = 2;

    /// <summary>Whether a directory that gets another parent keeps its times here.</summary>
    public static bool KeepsDirectoryTimes => true;

    /// <summary>Exchanges two entries of a directory; <see cref="Failure.Invalid"/> where the file system cannot.</summary>
    public static void Names(Fd directory, CName a, CName b)
    {
        fixed (byte* first = a.Terminated, second = b.Terminated)
        {
            Files.Check(renameat2(directory.Number, first, directory.Number, second, RENAME_EXCHANGE), "renameat2", directory, a);
        }
    }

    /// <summary>Moves an entry to another directory of the file system under the same name; <see cref="Failure.Exists"/> where the name is taken. False where the
    /// file system or the kernel cannot, and nothing was done.</summary>
    public static bool TryMoveNew(Fd from, CName name, Fd to)
    {
        fixed (byte* p = name.Terminated)
        {
            var result = renameat2(from.Number, p, to.Number, p, RENAME_NOREPLACE);
            if (result < 0 && Errno.Meaning(Marshal.GetLastPInvokeError()) is (Failure.Invalid or Failure.NoCall))
            {
                return false;
            }

            Files.Check(result, "renameat2", to, name);
            return true;
        }
    }

    [LibraryImport("libc.so.6", SetLastError = true)]
    private static partial int renameat2(int fromDirectory, byte* from, int toDirectory, byte* to, uint flags);
}
