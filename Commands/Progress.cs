using System;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Threading;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Commands;

/// <summary>Reports the progress of a copy: every second on a terminal, and at the system's progress signal.</summary>
internal sealed class Progress : IDisposable
{
    private readonly CopyReport report;
    private readonly Stopwatch clock = Stopwatch.StartNew();
    private readonly PosixSignalRegistration signal;
    private readonly Timer? timer;

    public Progress(CopyReport report)
    {
        this.report = report;
        signal = PosixSignalRegistration.Create(HostProbe.ProgressSignal, c =>
        {
            c.Cancel = true;
            Output.Message(Text());
        });
        timer = Console.IsErrorRedirected ? null : new Timer(_ => Output.Raw($"\r{Text()}\u001b[K"), null, 1000, 1000);
    }

    public void Dispose()
    {
        signal.Dispose();
        if (timer is not null)
        {
            timer.Dispose();
            if (clock.ElapsedMilliseconds >= 1000)
            {
                Output.Raw("\r\u001b[K");
            }
        }
    }

    private string Text()
    {
        var bytes = report.Bytes;
        var speed = (long)(bytes / Math.Max(clock.Elapsed.TotalSeconds, 0.001));
        return $"{report.Action}: {Plural.Of(report.Files, "file")}, {Size.Words(bytes)}, {Size.Words(speed)}/s";
    }
}
