using System;
using System.Collections.Generic;
using System.Runtime.ExceptionServices;
using System.Threading;

namespace Kvol.Storage.Base;

/// <summary>Threads that share one job. The group keeps the first failure of any thread, wakes the waiting threads, and rethrows it in the
/// thread that started them.</summary>
/// <param name="gate">The lock of the state that the threads share; each change of that state pulses it.</param>
internal sealed class WorkerGroup(object gate)
{
    private const int StackSize = 512 * 1024;

    private readonly List<Thread> threads = [];
    private ExceptionDispatchInfo? failure;

    /// <summary>How many threads were started.</summary>
    public int Count => threads.Count;

    /// <summary>Whether any failed, so that the others may stop.</summary>
    public bool HasFailed => Volatile.Read(ref failure) is not null;

    /// <summary>Divides numbered pieces of work among several threads, including this one. Each calls <paramref name="work"/> once, with a
    /// function that returns the next free piece, or -1 when none is left or another thread failed. Rethrows the first failure when all
    /// have ended.</summary>
    public static void Share(int threads, long pieces, Action<Func<long>> work)
    {
        var group = new WorkerGroup(new object());
        long next = 0;
        for (var i = 1; i < threads; i++)
        {
            group.Start(() => work(Next));
        }

        group.Run(() => work(Next));
        group.Join();
        group.ThrowIfFailed();

        long Next() => !group.HasFailed && Interlocked.Increment(ref next) is var piece && piece <= pieces ? piece - 1 : -1;
    }

    /// <summary>Starts a thread.</summary>
    public void Start(Action work)
    {
        var thread = new Thread(() => Run(work), StackSize);
        threads.Add(thread);
        thread.Start();
    }

    /// <summary>Works on this thread; an exception becomes the group's failure.</summary>
    public void Run(Action work)
    {
        try
        {
            work();
        }
        catch (Exception e)
        {
            Fail(e);
        }
    }

    /// <summary>Keeps a failure, unless there is one already, and wakes all that wait for the gate.</summary>
    public void Fail(Exception e)
    {
        lock (gate)
        {
            failure ??= ExceptionDispatchInfo.Capture(e);
            Monitor.PulseAll(gate);
        }
    }

    /// <summary>Throws the first failure again.</summary>
    public void ThrowIfFailed() => failure?.Throw();

    /// <summary>Waits until all threads have ended.</summary>
    public void Join() => threads.ForEach(t => t.Join());
}
