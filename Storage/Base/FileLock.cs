using System;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Threading;
using Kvol.Native;
using Kvol.Storage.Values;

namespace Kvol.Storage.Base;

/// <summary>An exclusive lock between processes: flock(2) on a file that is never unlinked and holds the pid of its holder. It ends with the process.</summary>
internal sealed class FileLock : IDisposable
{
    private const int Length = 16;

    private readonly Fd file;

    private FileLock(Fd file) => this.file = file;

    /// <summary>Waits while the holder lives, at most for the context's limit: then an error (75) naming the holder.</summary>
    public static FileLock Take(Fd directory, string name, string subject, Context context)
    {
        var file = Files.OpenOrCreate(directory, new ByteString(name), 0x180);
        var clock = Stopwatch.StartNew();
        for (var attempt = 0; !Files.Lock(file, wait: false); attempt++)
        {
            var holder = Holder(file);
            if (clock.Elapsed >= context.WaitLimit)
            {
                file.Dispose();
                throw new KvolException(ExitStatus.Busy, subject, $"locked by {holder}; try again when it has ended");
            }

            if (attempt == 5)
            {
                context.Notice($"{subject}: waiting for {holder}");
            }

            if (context.Interrupt.IsCancellationRequested)
            {
                file.Dispose();
                context.Interrupt.ThrowIfCancellationRequested();
            }

            Thread.Sleep(Math.Min(1 << Math.Min(attempt, 10), 50));
        }

        // Always of one length, so that one call replaces what is there.
        Content.Write(file, Encoding.ASCII.GetBytes(ProcessTable.Self.ToString(CultureInfo.InvariantCulture).PadRight(Length - 1) + "\n"), 0);
        return new FileLock(file);
    }

    public void Dispose() => file.Dispose();

    private static string Holder(Fd file)
    {
        Span<byte> text = stackalloc byte[Length];
        var length = Content.Read(file, text, 0);
        return int.TryParse(text[..length].TrimEnd(" \n"u8), NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
            ? $"pid {pid} ({ProcessTable.NameOf(pid)})"
            : "another process";
    }
}
