using System.Globalization;
using System.Text;

namespace Kvol.Native;

/// <summary>Which process a number means: proc_pid_stat(5).</summary>
internal static class ProcessStart
{
    /// <summary>The process that started this one, getppid(2).</summary>
    public static int Parent => Libc.getppid();

    /// <summary>When it was started, in clock ticks since the boot: pids are reused, but a pid and its start time identify one process.
    /// Null when there is no such process, or only its exit status is left.</summary>
    public static ulong? Of(int pid)
    {
        try
        {
            // The second field is the program's name in parentheses, which may hold anything.
            var text = Encoding.Latin1.GetString(SmallFile.Read(new ByteString($"/proc/{pid}/stat")));
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] is "Z" or "X" ? null : ulong.Parse(fields[19], CultureInfo.InvariantCulture);
        }
        catch (NativeException e) when (e.Failure is Failure.NotFound or Failure.Gone)
        {
            return null;
        }
    }
}
