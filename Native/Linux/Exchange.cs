using System.Runtime.InteropServices;

namespace Kvol.Native;

/// <summary>Renames beyond rename(2): renameat2(2), Linux 3.15.</summary>
internal static unsafe class Exchange
{
    /// <summary>Whether a directory keeps its times when it is moved to another parent.</summary>
    public static bool KeepsDirectoryTimes => true;

    /// <summary>Exchanges two entries of a directory; <see cref="Failure.Invalid"/> where the file system cannot.</summary>
    public static void Names(Fd directory, CName a, CName b)
    {
        fixed (byte* first = a.Terminated, second = b.Terminated)
        {
            Files.Check(Libc.renameat2(directory.Number, first, directory.Number, second, Libc.RENAME_EXCHANGE), "renameat2", directory, a);
        }
    }

    /// <summary>Moves an entry to another directory of the file system under a name that is free there; <see cref="Failure.Exists"/> where
    /// it is taken. False where the file system or the kernel cannot, and nothing was done.</summary>
    public static bool TryMoveNew(Fd from, CName oldName, Fd to, CName name)
    {
        fixed (byte* o = oldName.Terminated, p = name.Terminated)
        {
            var result = Libc.renameat2(from.Number, o, to.Number, p, Libc.RENAME_NOREPLACE);
            if (result < 0 && Errno.Meaning(Marshal.GetLastPInvokeError()) is (Failure.Invalid or Failure.NoCall))
            {
                return false;
            }

            Files.Check(result, "renameat2", to, name);
            return true;
        }
    }
}
