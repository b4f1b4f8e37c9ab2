using System;
using System.Runtime.ExceptionServices;
using System.Threading;

namespace Kvol.Storage.Base;

/// <summary>Threads that share the pieces of one job.</summary>
internal static class Crew
{
    /// <summary>Does a job of <paramref name="pieces"/> pieces on so many threads, this one among them. Each calls <paramref name="work"/>
    /// once, with a function that gives it the next piece that nobody has, or -1 when none is left or another thread failed. The first
    /// failure is thrown again when all have ended.</summary>
    public static void Run(int threads, long pieces, Action<Func<long>> work)
    {
        long next = 0;
        ExceptionDispatchInfo? failure = null;
        var helpers = new Thread[Math.Max(threads - 1, 0)];
        for (var i = 0; i < helpers.Length; i++)
        {
            helpers[i] = new Thread(Work, 512 * 1024);
            helpers[i].Start();
        }

        Work();
        Array.ForEach(helpers, h => h.Join());
        failure?.Throw();

        long Next() => Volatile.Read(ref failure) is null && Interlocked.Increment(ref next) is var piece && piece <= pieces ? piece - 1
            : -1;

        void Work()
        {
            try
            {
                work(Next);
            }
            catch (Exception e)
            {
                Interlocked.CompareExchange(ref failure, ExceptionDispatchInfo.Capture(e), null);
            }
        }
    }
}
