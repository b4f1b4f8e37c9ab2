using System;
using System.CommandLine;
using System.IO;
using System.Runtime.InteropServices;
using System.Threading;
using Kvol.Storage.Base;
using Kvol.Storage.Values;
using Kvol.Storage.Verbs;

namespace Kvol.Commands;

/// <summary>What every verb does first and last: privilege, configuration, signals, and the status of a failure.</summary>
internal static class Session
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(365);

    /// <summary>Keeps the numbers of closed standard descriptors away from files.</summary>
    public static void GuardStandardDescriptors() => HostProbe.GuardStandardDescriptors();

    /// <summary>Runs a verb as root that changes nothing: a signal just ends it.</summary>
    public static int Read(ParseResult parsed, Func<Context, ExitStatus> verb) => Run(parsed, verb, null, noClone: false, prints: true, CancellationToken.None);

    /// <summary>Runs a verb as root, with signals caught so that it can undo its work.</summary>
    public static int Run(ParseResult parsed, Func<Context, ExitStatus> verb, int? jobs = null, bool noClone = false, bool prints = true)
    {
        HostProbe.RequireOutsideJail();
        using var interrupt = new CancellationTokenSource();
        using var term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var keys = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var hangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Stop);
        return Run(parsed, verb, jobs, noClone, prints, interrupt.Token);

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            interrupt.Cancel();
        }
    }

    /// <summary>Does something for each operand and goes on after a failure. One operand: its own status; several: 1 when any failed.</summary>
    public static ExitStatus ForEach(string[] operands, Action<string> action)
    {
        var worst = ExitStatus.Done;
        foreach (var operand in operands)
        {
            try
            {
                action(operand);
            }
            catch (Exception e) when (e is KvolException or IOException && operands.Length > 1)
            {
                Output.Message(e.Message);
                worst = ExitStatus.SomeFailed;
            }
        }

        return worst;
    }

    /// <summary>The status of a failed call that no policy had a word for.</summary>
    public static ExitStatus StatusOf(IOException failure) => HostProbe.StatusOf(failure);

    private static int Run(ParseResult parsed, Func<Context, ExitStatus> verb, int? jobs, bool noClone, bool prints, CancellationToken interrupt)
    {
        HostProbe.RequireRoot();
        if (prints)
        {
            HostProbe.RequireOutput();
        }

        var configuration = Configuration.Load(parsed.GetValue(Verbs.Store));
        configuration = configuration with { Jobs = jobs ?? configuration.Jobs, Cloning = configuration.Cloning && !noClone };
        TimeSpan? wait = parsed.GetValue(Verbs.Wait) is not { } seconds ? null
            : seconds >= 0 && seconds <= Longest.TotalSeconds ? TimeSpan.FromSeconds(seconds)
            : throw new KvolException(ExitStatus.Usage, "--wait", "is a number of seconds, 0 or more");
        var context = new Context(configuration, Output.Message, Output.Notice, report => new Progress(report), wait, HostProbe.Prepare(), interrupt);
        return (int)verb(context);
    }
}
