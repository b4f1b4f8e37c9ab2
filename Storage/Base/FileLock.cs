using System;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Threading;
using Kvol.Native;
using Kvol.Storage.Values;

namespace Kvol.Storage.Base;

/// <summary>An exclusive lock between processes: flock(2) on a file that is never unlinked and holds the pid of its holder. It ends with
/// the process.</summary>
internal sealed class FileLock : IDisposable
{
    private const int Length = 16, LengthWithHost = 80;
    private readonly Fd file;

    private FileLock(Fd file) => this.file = file;

    /// <summary>Waits while the holder lives, at most for the context's limit: then an error (75) naming the holder. A dry run takes
    /// no lock.</summary>
    public static FileLock Take(Fd directory, string name, string subject, Context context) =>
        context.Plan is not null ? new FileLock(Fd.None) : Hold(OpenOrCreate(directory, new ByteString(name)), subject, context);

    /// <summary>The same where the file system may be read-only or full. If the lock file cannot be made, kvol locks the object that
    /// <paramref name="stead"/> opens instead. No process makes the file without that lock, so both ways exclude each other. If that object
    /// does not exist, the file must be made.</summary>
    /// <param name="directory">Opens the directory of the lock files, or none.</param>
    /// <param name="stead">Opens what the lock protects, or none when it is not there.</param>
    /// <param name="host">The name of this host, if other hosts take the lock too: a file of NFS can be locked only when it is open for
    /// writing. Otherwise null.</param>
    public static FileLock Take(Func<Fd> directory, string name, string subject, Context context, Func<Fd> stead, string? host = null)
    {
        if (context.Plan is not null)
        {
            return new FileLock(Fd.None);
        }

        var file = new ByteString(name);
        while (true)
        {
            using var locks = directory();
            if (locks.IsOpen && Find(locks, file, mayRead: host is null) is { IsOpen: true } found)
            {
                return Hold(found, subject, context, host: host);
            }

            var own = stead();
            if (!own.IsOpen)
            {
                return locks.IsOpen ? Hold(OpenOrCreate(locks, file), subject, context, host: host)
                    : throw new KvolException(ExitStatus.CannotCreate, subject, "the store is read-only or full, so no lock can be made");
            }

            var held = Hold(own, subject, context, writesPid: false);
            using var again = stead();
            if (!again.IsOpen || Files.Status(again).Identity != Files.Status(own).Identity)
            {
                held.Dispose(); // another process removed or renamed it
                continue;
            }

            using var locksNow = locks.IsOpen ? Fd.None : directory();
            if (Make(locks.IsOpen ? locks : locksNow, file) is not { IsOpen: true } made)
            {
                return held;
            }

            using (held)
            {
                return Hold(made, subject, context);
            }
        }
    }

    public void Dispose() => file.Dispose();

    private static Fd Find(Fd directory, ByteString name, bool mayRead)
    {
        try
        {
            return Files.FindUpdate(directory, name);
        }
        catch (NativeException e) when (e.Failure == Failure.ReadOnly && mayRead)
        {
            return Files.FindRead(directory, name);
        }
    }

    private static Fd Make(Fd directory, ByteString name)
    {
        try
        {
            return directory.IsOpen ? OpenOrCreate(directory, name) : Fd.None;
        }
        catch (NativeException e) when (e.Failure is Failure.ReadOnly or Failure.NoSpace)
        {
            return Fd.None;
        }
    }

    private static Fd OpenOrCreate(Fd directory, ByteString name)
    {
        try
        {
            return Files.OpenOrCreate(directory, name, Permissions.OwnerReadsAndWrites);
        }
        catch (NativeException e) when (e.Failure is Failure.IsDirectory or Failure.Loop or Failure.NoDevice)
        {
            throw Refusals.InTheWay(directory, name, "is not a regular file", "a lock");
        }
    }

    private static FileLock Hold(Fd file, string subject, Context context, bool writesPid = true, string? host = null)
    {
        try
        {
            Wait(file, subject, context, writesPid, host);
            if (writesPid)
            {
                WritePid(file, host);
            }

            return new FileLock(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static void Wait(Fd file, string subject, Context context, bool hasPid, string? host)
    {
        var clock = Stopwatch.StartNew();
        for (var attempt = 0; !Files.Lock(file, wait: false); attempt++)
        {
            var holder = hasPid ? Holder(file, host) : "another process";
            if (clock.Elapsed >= context.WaitLimit)
            {
                throw Refusals.Locked(subject, holder);
            }

            if (attempt == 5)
            {
                context.Notice($"{subject}: waiting for {holder}");
            }

            context.Interrupt.ThrowIfCancellationRequested();
            Thread.Sleep(Math.Min(1 << Math.Min(attempt, 10), 50));
        }
    }

    private static void WritePid(Fd file, string? host)
    {
        // Always of one length, so that one call replaces what is there.
        var text = new byte[host is null ? Length : LengthWithHost];
        text.AsSpan().Fill((byte)' ');
        Encoding.ASCII.GetBytes(ProcessTable.Self.ToString(CultureInfo.InvariantCulture), text);
        text[Length - 1] = (byte)'\n';
        if (host is not null)
        {
            var name = Encoding.UTF8.GetBytes(host);
            name.AsSpan(0, Math.Min(name.Length, LengthWithHost - Length - 1)).CopyTo(text.AsSpan(Length));
            text[^1] = (byte)'\n';
        }

        try
        {
            Content.Write(file, text, 0);
            if (host is not null)
            {
                Files.Sync(file); // other hosts read it at the server
            }
        }
        catch (NativeException e) when (e.Failure is Failure.NoSpace or Failure.ReadOnly or Failure.BadDescriptor or Failure.NotSeekable)
        {
            // a full file system, a file that could only be opened to read, or a fifo: waiting processes do not learn the holder
        }
    }

    private static string Holder(Fd file, string? host)
    {
        Span<byte> text = stackalloc byte[LengthWithHost];
        int length;
        try
        {
            length = Content.Read(file, text, 0);
        }
        catch (NativeException e) when (e.Failure == Failure.NotSeekable)
        {
            length = 0;
        }

        if (!int.TryParse(text[..Math.Min(length, Length)].TrimEnd(" \n"u8), NumberStyles.None, CultureInfo.InvariantCulture, out var pid))
        {
            return "another process";
        }

        var there = host is null || length <= Length ? host : ByteString.Display(text[Length..length].TrimEnd(" \n"u8));
        return there == host ? $"pid {pid} ({ProcessTable.NameOf(pid)})" : $"pid {pid} on the host {Shown.Of(there ?? "")}";
    }
}
