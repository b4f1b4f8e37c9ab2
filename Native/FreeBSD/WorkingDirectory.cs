using System;
using System.Threading;

namespace Kvol.Native;

/// <summary>The one working directory of the process, for calls that take no descriptor: fchdir(2). One thread at a time is away.</summary>
internal static class WorkingDirectory
{
    private static readonly Lock Gate = new();

    /// <summary>Goes to a directory for one call, fchdir(2), and then back, or to the root when the call may have mounted something on it:
    /// a working directory inside keeps the mount busy.</summary>
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
