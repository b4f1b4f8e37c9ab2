using System;
using System.IO;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Values;

namespace Kvol.Storage.Base;

/// <summary>Says what the failure of a file system means: which volume and which file system it is about, and what to do. The name of the
/// failed call would help no user, and that of a file in kvol's own directories only where the disk is broken.</summary>
internal static class Failures
{
    /// <summary>The fewest files that must be allowed to be open for every command to work.</summary>
    private const int FewestFiles = 40;

    /// <summary>Does the work of a command on a volume, all or nothing. If a file system is full, read-only or broken, the error names the
    /// volume, with the exit status of the failed call. <paramref name="fills"/>: the work adds to the volume, so its quota
    /// counts.</summary>
    public static T Name<T>(string volume, Func<T> work, bool fills = true)
    {
        try
        {
            return work();
        }
        catch (NativeException e) when (Explains(e))
        {
            var error = Explained(e, volume, fills ? $", or raise the quota of {volume} if it has one (kvol set {volume} quota=SIZE)" : "");
            throw e.Failure is Failure.TooManyFiles or Failure.NoProc or Failure.Stale ? error : error.With("nothing was left behind");
        }
    }

    /// <inheritdoc cref="Name{T}(string, Func{T}, bool)"/>
    public static void Name(string volume, Action work) => Name(volume, () =>
    {
        work();
        return true;
    });

    /// <summary>What is shown of a failure that no caller translated.</summary>
    public static string TextOf(IOException failure) => failure is NativeException e && Explains(e) ? Explained(e, e.Subject, "").Message
        : failure.Message;

    /// <summary>Whether a volume failed because another command has removed it, or given it another name.</summary>
    public static bool IsGone(Exception e) =>
        e is NativeException { Failure: Failure.NotFound or Failure.Stale } or KvolException { Status: ExitStatus.NoInput };

    /// <summary>An error (71) where too few files may be open. Checked before a command begins, so that none fails halfway.</summary>
    public static int RequireDescriptors(int limit) => limit >= FewestFiles ? limit
        : throw TooFewDescriptors($"at most {limit} files may be open, and kvol needs {FewestFiles}");

    /// <summary>The same where other programs' open files, which this process inherited, have used the limit up.</summary>
    public static KvolException TooFewDescriptors(string what = "too many open files") =>
        new(ExitStatus.SystemError, "open files", $"{what}; raise the limit: ulimit -n 1024");

    private static bool Explains(NativeException e) =>
        e.Failure is Failure.NoSpace or Failure.ReadOnly or Failure.Broken or Failure.TooManyFiles or Failure.NoProc
            or Failure.Stale;

    private static KvolException Explained(NativeException e, string subject, string orQuota) => e.Failure switch
    {
        Failure.TooManyFiles => TooFewDescriptors(),
        Failure.NoProc => new(HostProbe.StatusOf(e), e.Subject,
            "proc is not mounted, and kvol needs it to see mounts and processes; mount it: mount -t proc proc /proc"),
        Failure.Stale => new(HostProbe.StatusOf(e), subject,
            $"another host removed or replaced {e.Subject} while kvol used it ({e.Reason}); try again"),
        Failure.NoSpace => new(HostProbe.StatusOf(e), subject,
            $"{PlaceOf(e.Subject)} has no room left ({e.Reason}); free space on it{orQuota}"),
        Failure.ReadOnly => new(HostProbe.StatusOf(e), subject, $"{PlaceOf(e.Subject)} is read-only; make it writable and try again"),
        _ => new(HostProbe.StatusOf(e), subject,
            $"{PlaceOf(e.Subject)} fails at {e.Subject} ({e.Reason}); see the kernel's messages (dmesg) and check it"),
    };

    // The path may be that of a file that has no name any more; only its beginning counts.
    private static string PlaceOf(string path)
    {
        const string Unknown = "its file system";
        if (!path.StartsWith('/'))
        {
            return Unknown;
        }

        try
        {
            var name = new ByteString(path);
            return MountTable.Read().Entries.Where(m => name.IsAtOrBelow(m.Target)).MaxBy(m => m.Target.Length) is { } mount
                ? $"the file system on {mount.Target} ({mount.FileSystem})" : Unknown;
        }
        catch (NativeException e) when (!e.IsWrongQuestion)
        {
            return Unknown;
        }
    }
}
