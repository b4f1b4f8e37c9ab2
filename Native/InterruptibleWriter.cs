using System;
using System.Runtime.ExceptionServices;
using System.Threading;

namespace Kvol.Native;

/// <summary>Writes to a descriptor of any type, and stops when the command is interrupted. write(2) to a full pipe waits as long as its
/// reader sleeps, and the runtime's signal handlers restart it. So a separate thread makes the call with its own descriptor: kvol can
/// abandon the thread, and it can never write to a file that gets the same number later. Regular files are written directly.</summary>
/// <param name="target">To write to; the caller closes it.</param>
/// <param name="checkInterrupt">Throws when the command was interrupted.</param>
internal sealed class InterruptibleWriter(Fd target, Action checkInterrupt) : IDisposable
{
    private const int Pause = 100; // milliseconds

    private readonly bool isDirect = Files.Status(target).Kind == FileKind.Regular;

    // Guarded by the gate.
    private readonly object gate = new();
    private byte[] buffer = [];
    private int length;
    private bool hasWork, isOver;
    private ExceptionDispatchInfo? failure;
    private Thread? thread;

    /// <summary>write(2) until everything is written, or what <c>checkInterrupt</c> throws. A failure on standard output names
    /// that.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        try
        {
            WriteAll(bytes);
        }
        catch (NativeException e) when (target.Number == StandardStream.Output)
        {
            throw e.Of("standard output");
        }
    }

    private void WriteAll(ReadOnlySpan<byte> bytes)
    {
        if (isDirect)
        {
            Content.Write(target, bytes);
            return;
        }

        lock (gate)
        {
            ObjectDisposedException.ThrowIf(isOver, this);
            buffer = buffer.Length < bytes.Length ? GC.AllocateUninitializedArray<byte>(bytes.Length) : buffer;
            bytes.CopyTo(buffer);
            (length, hasWork) = (bytes.Length, true);
            if (thread is null)
            {
                var own = Files.Duplicate(target);
                thread = new Thread(() => Work(own)) { IsBackground = true };
                thread.Start();
            }

            Monitor.PulseAll(gate);
            try
            {
                while (hasWork)
                {
                    checkInterrupt();
                    Monitor.Wait(gate, Pause);
                }
            }
            catch
            {
                isOver = true; // the thread ends when the call does, or with the process
                throw;
            }

            failure?.Throw();
        }
    }

    /// <summary>Ends the thread, which is idle unless it was abandoned.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            isOver = true;
            Monitor.PulseAll(gate);
        }
    }

    private void Work(Fd own)
    {
        using (own)
        {
            while (Next())
            {
                try
                {
                    Content.Write(own, buffer.AsSpan(0, length));
                }
                catch (NativeException e)
                {
                    failure = ExceptionDispatchInfo.Capture(e);
                }

                lock (gate)
                {
                    hasWork = false;
                    Monitor.PulseAll(gate);
                }
            }
        }
    }

    private bool Next()
    {
        lock (gate)
        {
            while (!hasWork && !isOver)
            {
                Monitor.Wait(gate);
            }

            return !isOver;
        }
    }
}
