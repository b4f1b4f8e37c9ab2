using System;
using System.Collections.Generic;
using System.Globalization;

namespace Kvol.Native;

/// <summary>Processes and their threads by number, proc(5), and what the threads of one process share, kcmp(2).</summary>
internal static class ThreadTable
{
    // A directory has two links and /proc/PID/task one more for each thread.
    private const int LinksOfOne = 3;

    // A process that keeps forking and exiting can be missed in a round, so there are up to this many.
    private const int Rounds = 16;

    /// <summary>The processes now.</summary>
    public static List<int> Processes() => Numbers(new ByteString("/proc"));

    /// <summary>Calls <paramref name="visit"/> once for each thread of each process: with the process, the thread, and a thread of the same
    /// process that was visited before, if there is one. A thread that ends concurrently is skipped, even the first one of a process, which
    /// stays as a zombie while others live. As long as a round finds one gone, another round visits the threads that started
    /// since.</summary>
    public static void Sweep(Action<int, int, int?> visit)
    {
        var visited = new HashSet<int>();
        for (var round = 0; round < Rounds; round++)
        {
            var all = true;
            foreach (var pid in Processes())
            {
                all &= SweepOne(pid, visited, visit);
            }

            if (all)
            {
                return;
            }
        }
    }

    /// <summary>Whether two threads have one root and working directory; then they are in one mount namespace too, setns(2). False where
    /// the kernel does not tell.</summary>
    public static bool ShareDirectories(int? seen, int thread) => Share(seen, thread, Libc.KCMP_FS);

    /// <summary>Whether two threads have the same open files. False where the kernel does not tell.</summary>
    public static bool ShareDescriptors(int? seen, int thread) => Share(seen, thread, Libc.KCMP_FILES);

    // False when the process or one of its threads was gone.
    private static bool SweepOne(int pid, HashSet<int> visited, Action<int, int, int?> visit)
    {
        IReadOnlyList<int> threads = [];
        var all = IsThere(() => threads = Of(pid));
        int? seen = null;
        foreach (var thread in threads)
        {
            if (visited.Add(thread))
            {
                var here = IsThere(() => visit(pid, thread, seen));
                seen ??= here ? thread : null;
                all &= here;
            }
        }

        return all;
    }

    private static bool IsThere(Action visit)
    {
        try
        {
            visit();
            return true;
        }
        catch (NativeException e) when (e.Failure is Failure.NotFound or Failure.Gone)
        {
            return false;
        }
    }

    // The threads of a process now, itself among them.
    private static IReadOnlyList<int> Of(int pid)
    {
        var tasks = new ByteString($"/proc/{pid}/task");
        return Files.Status(Files.Here, tasks).Links == LinksOfOne ? [pid] : Numbers(tasks);
    }

    private static bool Share(int? seen, int thread, int what) => seen is { } other && Libc.kcmp(other, thread, what, 0, 0) == 0;

    private static List<int> Numbers(ByteString path)
    {
        using var directory = Files.OpenDirectory(path);
        var reader = new DirectoryReader();
        reader.Start(directory);
        var numbers = new List<int>();
        while (reader.MoveNext())
        {
            if (int.TryParse(reader.Name.Bytes, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                numbers.Add(number);
            }
        }

        return numbers;
    }
}
