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
    private const int Length = 16;
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
    public static FileLock Take(Func<Fd> directory, string name, string subject, Context context, Func<Fd> stead)
    {
        if (context.Plan is not null)
        {
            return new FileLock(Fd.None);
        }

        var file = new ByteString(name);
        while (true)
        {
            using var locks = directory();
            if (locks.IsOpen && Find(locks, file) is { IsOpen: true } found)
            {
                return Hold(found, subject, context);
            }

            var own = stead();
            if (!own.IsOpen)
            {
                return locks.IsOpen ? Hold(OpenOrCreate(locks, file), subject, context)
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

    private static Fd Find(Fd directory, ByteString name)
    {
        try
        {
            return Files.FindUpdate(directory, name);
        }
        catch (NativeException e) when (e.Failure == Failure.ReadOnly)
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

    private static FileLock Hold(Fd file, string subject, Context context, bool writesPid = true)
    {
        try
        {
            Wait(file, subject, context, writesPid);
            if (writesPid)
            {
                WritePid(file);
            }

            return new FileLock(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static void Wait(Fd file, string subject, Context context, bool hasPid)
    {
        var clock = Stopwatch.StartNew();
        for (var attempt = 0; !Files.Lock(file, wait: false); attempt++)
        {
            var holder = hasPid ? Holder(file) : "another process";
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

    private static void WritePid(Fd file)
    {
        try
        {
            // Always of one length, so that one call replaces what is there.
            Content.Write(file, Encoding.ASCII.GetBytes(ProcessTable.Self.ToString(CultureInfo.InvariantCulture)
                .PadRight(Length - 1) + "\n"), 0);
        }
        catch (NativeException e) when (e.Failure is Failure.NoSpace or Failure.ReadOnly or Failure.BadDescriptor or Failure.NotSeekable)
        {
            // a full file system, a file that could only be opened to read, or a fifo: waiting processes do not learn the holder
        }
    }

    private static string Holder(Fd file)
    {
        Span<byte> text = stackalloc byte[Length];
        int length;
        try
        {
            length = Content.Read(file, text, 0);
        }
        catch (NativeException e) when (e.Failure == Failure.NotSeekable)
        {
            length = 0;
        }

        return int.TryParse(text[..length].TrimEnd(" \n"u8), NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
            ? $"pid {pid} ({ProcessTable.NameOf(pid)})"
            : "another process";
    }
}
