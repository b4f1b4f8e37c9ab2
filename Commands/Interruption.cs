using System;
using System.Runtime.InteropServices;
using System.Threading;
using Kvol.Storage.Base;

namespace Kvol.Commands;

/// <summary>Catches SIGINT, SIGTERM and SIGHUP, so that a command can undo its work, and then ends the process by the signal.</summary>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource source = new();
    private readonly PosixSignalRegistration[] registrations;
    private int received;

    private Interruption()
    {
        registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, c => Stop(c, 15)),
            PosixSignalRegistration.Create(PosixSignal.SIGINT, c => Stop(c, 2)),
            PosixSignalRegistration.Create(PosixSignal.SIGHUP, c => Stop(c, 1)),
        ];
    }

    /// <summary>Catches them from now on; an error (71) where the process may open no more files, which .NET needs to do for
    /// that.</summary>
    public static Interruption Begin()
    {
        try
        {
            return new Interruption();
        }
        catch (TypeInitializationException)
        {
            throw Failures.TooFewDescriptors();
        }
    }

    /// <summary>Set by the first signal.</summary>
    public CancellationToken Token => source.Token;

    /// <summary>Whether a signal came.</summary>
    public bool IsSet => source.IsCancellationRequested;

    /// <summary>Ends the process by the received signal; if the signal is blocked, exits with the status that a shell would report for
    /// it.</summary>
    public int End()
    {
        Dispose();
        HostProbe.EndBy(received);
        return 128 + received;
    }

    public void Dispose()
    {
        foreach (var registration in registrations)
        {
            registration.Dispose();
        }
    }

    private void Stop(PosixSignalContext context, int number)
    {
        context.Cancel = true;
        Interlocked.CompareExchange(ref received, number, 0);
        source.Cancel();
    }
}
