using System;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Threading;
using Kvol.Native;

namespace Kvol.Storage;

/// <summary>An exclusive lock between processes: flock(2) on a file that is never unlinked and holds the pid of its holder. It ends with the process.</summary>
internal sealed class FileLock : IDisposable
{
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

        var pid = Encoding.ASCII.GetBytes(ProcessTable.Self.ToString(CultureInfo.InvariantCulture) + "\n");
        Content.SetLength(file, 0);
        Content.Write(file, pid, 0);
        return new FileLock(file);
    }

    public void Dispose() => file.Dispose();

    private static string Holder(Fd file)
    {
        Span<byte> text = stackalloc byte[16];
        var length = Content.Read(file, text, 0);
        return int.TryParse(text[..length].TrimEnd((byte)'\n'), NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
            ? $"pid {pid} ({ProcessTable.NameOf(pid)})"
            : "another process";
    }
}
