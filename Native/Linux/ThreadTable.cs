using System.Collections.Generic;
using System.Globalization;

namespace Kvol.Native;

/// <summary>Processes and their threads by number, proc(5), and what the threads of one process share, kcmp(2).</summary>
internal static class ThreadTable
{
    // A directory has two links and /proc/PID/task one more for each thread.
    private const int LinksOfOne = 3;

    /// <summary>The processes now.</summary>
    public static List<int> Processes() => Numbers(new ByteString("/proc"));

    /// <summary>The threads of a process now, itself among them.</summary>
    public static IReadOnlyList<int> Of(int pid)
    {
        var tasks = new ByteString($"/proc/{pid}/task");
        return Files.Status(Files.Here, tasks).Links == LinksOfOne ? [pid] : Numbers(tasks);
    }

    /// <summary>Whether two threads have one root and working directory; then they are in one mount namespace too, setns(2). False where
    /// the kernel does not tell.</summary>
    public static bool ShareDirectories(int pid, int thread) => Share(pid, thread, Libc.KCMP_FS);

    /// <summary>Whether two threads have the same open files. False where the kernel does not tell.</summary>
    public static bool ShareDescriptors(int pid, int thread) => Share(pid, thread, Libc.KCMP_FILES);

    private static bool Share(int pid, int thread, int what) => Libc.kcmp(pid, thread, what, 0, 0) == 0;

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
