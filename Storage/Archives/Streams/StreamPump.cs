using System;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Storage.Archives;

/// <summary>Moves the bytes of a stream that a blocking call produces or consumes. The call has its own pipe and thread, so that a signal
/// can end it: kvol then closes the other end of the pipe.</summary>
internal static class StreamPump
{
    private const int BufferSize = 1 << 20;

    /// <summary>Copies what <paramref name="write"/> puts into a pipe to <paramref name="target"/>.</summary>
    public static void FromPipe(Action<Fd> write, Fd target, CopyReport report, Action checkInterrupt)
    {
        var (reader, writer) = Pipe.Make();
        var call = Start(() => write(writer), writer);
        try
        {
            using (reader)
            {
                using var output = new InterruptibleWriter(target, checkInterrupt);
                byte[]? buffer = null;
                while (true)
                {
                    do
                    {
                        checkInterrupt();
                    }
                    while (!Readiness.WaitToRead(reader, 200) || (buffer is null && !Readiness.WaitToWrite(target, 200)));

                    if ((buffer is null ? Splice(reader, target) : -1) is not { } n)
                    {
                        continue;
                    }

                    if (n < 0)
                    {
                        n = Content.Read(reader, buffer ??= GC.AllocateUninitializedArray<byte>(BufferSize, pinned: true));
                        output.Write(buffer.AsSpan(0, (int)n));
                    }

                    if (n == 0)
                    {
                        break;
                    }

                    report.CountBytes(n);
                }
            }
        }
        catch
        {
            call.Join(); // it has no reader any more; why is known
            throw;
        }

        call.Join();
        call.ThrowIfFailed();
    }

    /// <summary>Feeds the rest of the input to <paramref name="take"/> through a pipe.</summary>
    public static void ToPipe(ArchiveInput input, Action<Fd> take, CopyReport report)
    {
        var (reader, writer) = Pipe.Make();
        var call = Start(() => take(reader), reader);
        try
        {
            using (writer)
            using (var output = new InterruptibleWriter(writer, input.CheckInterrupt))
            {
                for (var bytes = input.TakeAny(); !bytes.IsEmpty; bytes = input.TakeAny())
                {
                    output.Write(bytes);
                    report.CountBytes(bytes.Length);
                }
            }
        }
        catch (NativeException e) when (e.Failure == Failure.BrokenPipe)
        {
            // the call reads no more: it has everything, or it failed and says why
        }
        catch
        {
            call.Join();
            throw;
        }

        call.Join();
        call.ThrowIfFailed();
    }

    // Null when the target is full.
    private static long? Splice(Fd reader, Fd target)
    {
        try
        {
            return Content.Splice(reader, target, BufferSize);
        }
        catch (NativeException e) when (e.Failure == Failure.WouldBlock)
        {
            return null;
        }
    }

    /// <summary>Starts a blocking call on a thread of its own; its end of the pipe is closed when it returns.</summary>
    private static WorkerGroup Start(Action action, Fd end)
    {
        var call = new WorkerGroup(new object());
        call.Start(() =>
        {
            using (end)
            {
                action();
            }
        });
        return call;
    }
}
