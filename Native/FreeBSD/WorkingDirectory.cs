using System;
using System.Threading;

namespace Kvol.Native;

/// <summary>The one working directory of the process, for calls that take no descriptor: fchdir(2). Only one thread at a time may change
/// it.</summary>
internal static class WorkingDirectory
{
    private static readonly Lock Gate = new();

    /// <summary>Changes to a directory for one call, fchdir(2), and then back. When the call may have mounted something on it, changes to
    /// the root instead, because a working directory inside keeps the mount busy.</summary>
    public static T Run<T>(Fd directory, bool back, Func<T> call)
    {
        lock (Gate)
        {
            using var before = Files.OpenReference(back ? CName.Of(".\0"u8) : CName.Of("/\0"u8));
            Files.Check(Libc.fchdir(directory.Number), "fchdir", directory);
            try
            {
                return call();
            }
            finally
            {
                _ = Libc.fchdir(before.Number);
            }
        }
    }
}
