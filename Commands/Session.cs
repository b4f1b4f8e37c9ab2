using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Threading;
using Kvol.Storage.Base;
using Kvol.Storage.Values;
using Kvol.Storage.Verbs;

namespace Kvol.Commands;

/// <summary>What every verb does at its start and end: privilege, configuration, signals, and the exit status of a failure.</summary>
internal static class Session
{
    /// <summary>Runs first. Opens closed standard descriptors, so that no file gets their numbers, and ignores the signals that must never
    /// end kvol.</summary>
    public static void Begin()
    {
        HostProbe.IgnoreHarmlessSignals();
        HostProbe.GuardStandardDescriptors();
    }

    /// <summary>Runs a verb as root that changes nothing: a signal ends it at once.</summary>
    public static int Read(ParseResult parsed, Func<Context, ExitStatus> verb, bool prints = true) =>
        Run(parsed, HostProbe.Prepare(), verb, null, noClone: false, prints, CancellationToken.None);

    /// <summary>Runs a verb as root. Signals are caught so that it can undo its work; afterwards the signal ends the process. A dry run
    /// prints its plan, unless the verb <paramref name="lists"/> by itself what it would do.</summary>
    public static int Run(ParseResult parsed, Func<Context, ExitStatus> verb, int? jobs = null, bool noClone = false, bool prints = true,
        bool writesConfiguration = false, bool lists = false)
    {
        HostProbe.RequireOutsideJail();
        var descriptors = HostProbe.Prepare();
        if (parsed.GetValue(Verbs.DryRun) && !lists)
        {
            return Announce(parsed, descriptors, verb, jobs, noClone, writesConfiguration);
        }

        using var interruption = Interruption.Begin();
        try
        {
            return Run(parsed, descriptors, verb, jobs, noClone, prints, interruption.Token, writesConfiguration);
        }
        catch (OperationCanceledException) when (interruption.IsSet)
        {
            Output.Message("interrupted; unfinished changes were undone");
            return interruption.End();
        }
        catch (Exception e) when (interruption.IsSet && e is KvolException or IOException)
        {
            Output.Message(e.Message); // what could not be undone, or a failure that the signal caused
            return interruption.End();
        }
    }

    /// <summary>Runs an action for each operand and continues after a failure. The exit status is that of a single operand; with several
    /// operands, or if <paramref name="evenOne"/>, it is 1 if any failed.</summary>
    public static ExitStatus ForEach<T>(IReadOnlyList<T> operands, Action<T> action, bool evenOne = false)
    {
        var worst = ExitStatus.Done;
        foreach (var operand in operands)
        {
            try
            {
                action(operand);
            }
            catch (Exception e) when (e is KvolException or IOException && (evenOne || operands.Count > 1))
            {
                Output.Message(e is IOException failure ? TextOf(failure) : e.Message);
                worst = ExitStatus.SomeFailed;
            }
        }

        return worst;
    }

    /// <summary>The exit status for a failed system call that no caller translated.</summary>
    public static ExitStatus StatusOf(IOException failure) => HostProbe.StatusOf(failure);

    /// <summary>What is shown of such a failure.</summary>
    public static string TextOf(IOException failure) => Failures.TextOf(failure);

    // A dry run has nothing to undo, so a signal ends it at once.
    private static int Announce(ParseResult parsed, int descriptors, Func<Context, ExitStatus> verb, int? jobs, bool noClone,
        bool writesConfiguration)
    {
        HostProbe.RequireOutput();
        using var output = new PlanOutput();
        var plan = new Plan();
        try
        {
            var status = Run(parsed, descriptors, verb, jobs, noClone, prints: true, CancellationToken.None, writesConfiguration, plan);
            output.Print(plan);
            return status;
        }
        catch when (plan.Count > 0)
        {
            output.Print(plan); // these steps are done before it fails
            throw;
        }
    }

    private static int Run(ParseResult parsed, int descriptors, Func<Context, ExitStatus> verb, int? jobs, bool noClone, bool prints,
        CancellationToken interrupt, bool writesConfiguration = false, Plan? plan = null)
    {
        TimeSpan? wait = parsed.GetValue(Verbs.Wait) is { } time ? Duration.Parse("--wait", time) : null;
        HostProbe.RequireRoot();
        if (prints)
        {
            HostProbe.RequireOutput();
        }

        var configuration = Configuration.Load(parsed.GetValue(Verbs.Store), mayBeMissing: writesConfiguration);
        configuration = configuration with { Jobs = jobs ?? configuration.Jobs, Cloning = configuration.Cloning && !noClone };
        var context = new Context(
            configuration, Output.Message, plan is null ? Output.Notice : _ => { }, report => new Progress(report), wait,
            descriptors, interrupt)
        {
            Detail = Feedback.IsVerbose(parsed) && plan is null ? Output.Message : _ => { },
            Hint = Feedback.ShowsHints(parsed) && plan is null ? Output.Message : _ => { },
            Plan = plan,
        };
        return (int)verb(context);
    }
}
