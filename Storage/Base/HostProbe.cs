using System;
using System.IO;
using Kvol.Native;
using Kvol.Storage.Values;

namespace Kvol.Storage.Base;

/// <summary>What this process may and can do on this host.</summary>
internal static class HostProbe
{
    /// <inheritdoc cref="Host.GuardStandardDescriptors"/>
    public static void GuardStandardDescriptors() => Host.GuardStandardDescriptors();

    /// <summary>Whether the caller is root.</summary>
    public static bool IsRoot => Host.IsRoot;

    /// <summary>Prepares this process. Returns how many files may be open; too few are an error (71).</summary>
    public static int Prepare() => Failures.RequireDescriptors(Host.Prepare());

    /// <inheritdoc cref="Host.ProgressSignal"/>
    public static System.Runtime.InteropServices.PosixSignal ProgressSignal => Host.ProgressSignal;

    /// <inheritdoc cref="Signals.IgnoreHarmless"/>
    public static void IgnoreHarmlessSignals() => Signals.IgnoreHarmless();

    /// <inheritdoc cref="Signals.EndBy"/>
    public static void EndBy(int signal) => Signals.EndBy(signal);

    /// <summary>Writes a result to standard output; one that cannot be written is an error (71).</summary>
    public static void WriteOutput(ReadOnlySpan<byte> bytes)
    {
        try
        {
            StandardStream.Write(StandardStream.Output, bytes);
        }
        catch (NativeException e) when (e.Call == "write")
        {
            throw new KvolException(ExitStatus.SystemError, "standard output",
                $"{e.Reason}; the result could not be printed, and what the command changed stays changed");
        }
    }

    /// <summary>Writes a message to standard error. Fails silently when that is closed or gone.</summary>
    public static void WriteError(ReadOnlySpan<byte> bytes)
    {
        try
        {
            StandardStream.Write(StandardStream.Error, bytes);
        }
        catch (NativeException e) when (e.Call == "write")
        {
        }
    }

    /// <summary>An error (77) for anybody but root.</summary>
    public static void RequireRoot()
    {
        if (!IsRoot)
        {
            throw new KvolException(ExitStatus.NotPermitted, "not permitted",
                "kvol mounts and owns volumes, so it must run as root: use sudo, doas or su");
        }
    }

    /// <summary>An error (77) inside a jail, where the kernel does not show the ids of mounts: kvol could not undo what it changes
    /// there.</summary>
    public static void RequireOutsideJail()
    {
        if (Host.IsJailed)
        {
            throw new KvolException(ExitStatus.NotPermitted, "not permitted", Jailed);
        }
    }

    /// <summary>A note for a process with its own mount namespace; null where it has that of process 1.</summary>
    public static string? OwnMounts => Host.HasOwnMounts
        ? "this process has a mount namespace of its own, not that of pid 1: processes outside it do not see its mounts; "
            + "to mount for the host: nsenter -t 1 -m kvol ..." : null;

    /// <summary>A note for a process in a PID namespace of its own; null where it sees every process of the system.</summary>
    public static string? OwnProcesses => Host.HasOwnProcesses
        ? "kvol sees only the processes of this PID namespace: mounts in other mount namespaces are not seen, so a volume in use there "
            + "counts as unused; run kvol outside the container" : null;

    /// <summary>Why kvol changes nothing inside a jail.</summary>
    public const string Jailed = "this is inside a jail, where the kernel does not tell mounts apart; run kvol on the host";

    /// <summary>An error (71), before anything is changed, when the caller closed standard output.</summary>
    public static void RequireOutput()
    {
        if (!Host.OutputIsWritable)
        {
            throw new KvolException(
                ExitStatus.SystemError, "standard output", "is closed, so the result cannot be printed; nothing was done");
        }
    }

    /// <summary>The exit status of a failed call.</summary>
    public static ExitStatus StatusOf(IOException failure) => failure is not NativeException e ? ExitStatus.Internal : e.Failure switch
    {
        Failure.NotPermitted => ExitStatus.NotPermitted,
        Failure.NoSpace or Failure.ReadOnly => ExitStatus.CannotCreate,
        Failure.Busy or Failure.WouldBlock or Failure.Stale => ExitStatus.Busy,
        Failure.NoCall or Failure.NoProc => ExitStatus.Unavailable,
        _ => ExitStatus.SystemError,
    };
}
