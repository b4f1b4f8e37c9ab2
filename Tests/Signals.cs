using System.Diagnostics;
using System.IO;
using System.Threading;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

/// <summary>A signal ends kvol soon, whatever it waits for.</summary>
public class Signals
{
    private const int Int = 2, Term = 15;

    [Theory]
    [InlineData(Term, true)]
    [InlineData(Int, true)]
    [InlineData(Term, false)]
    [InlineData(Int, false)]
    public void An_import_from_a_pipe_that_nobody_writes_to_is_ended(int signal, bool isOpen)
    {
        using var box = new Box();
        box.Run("create", "old").Ok();
        Tool.Run("mkfifo", box.Top + "/fifo");
        // A writer that says nothing, or none at all.
        using var open = isOpen ? new FileStream(box.Top + "/fifo", FileMode.Open, FileAccess.ReadWrite) : null;
        using var child = box.StartShell(isOpen ? "exec $KVOL import v <$1" : "exec $KVOL import v $1", box.Top + "/fifo");
        Ends(child, signal);
        Assert.Equal(["old"], box.Volumes);
    }

    [Theory]
    [InlineData(Term)]
    [InlineData(Int)]
    public void An_export_to_a_pipe_that_nobody_reads_is_ended(int signal)
    {
        using var box = new Box();
        box.Run("create", "v").Ok();
        File.WriteAllBytes(box.Data("v") + "/big", new byte[8 << 20]);
        for (var i = 0; i < 50; i++)
        {
            File.WriteAllBytes(box.Data("v") + "/small" + i, new byte[60000]);
        }

        Tool.Run("mkfifo", box.Top + "/fifo");
        using var open = new FileStream(box.Top + "/fifo", FileMode.Open, FileAccess.ReadWrite);
        using var child = box.StartShell("exec $KVOL export v >$1", box.Top + "/fifo");
        Ends(child, signal);
    }

    private static void Ends(Running child, int signal)
    {
        // It waits when it has caught the signal and its threads sleep: its processor time stands still.
        var path = $"/proc/{child.Pid}/";
        for (string before = "", now = State(path); before != now
            || !now.StartsWith("caught", System.StringComparison.Ordinal); before = now, now = State(path))
        {
            Assert.False(child.HasExited);
            Thread.Sleep(500);
        }

        var clock = Stopwatch.StartNew();
        child.Signal(signal);
        var result = child.Wait(30);
        Assert.NotEqual(0, result.Exit);
        Assert.True(clock.ElapsedMilliseconds < 3000, $"it took {clock.ElapsedMilliseconds} ms");
    }

    private static string State(string process)
    {
        foreach (var line in File.ReadAllLines(process + "status"))
        {
            if (line.StartsWith("SigCgt:", System.StringComparison.Ordinal))
            {
                var caught = System.Convert.ToUInt64(line[7..].Trim(), 16);
                var stat = File.ReadAllText(process + "stat").Split(' ');
                return ((caught >> (Term - 1)) & 1) != 0
                    && File.ReadAllText(process + "comm").StartsWith("kvol", System.StringComparison.Ordinal)
                    ? $"caught {int.Parse(stat[13], null) + int.Parse(stat[14], null)}" : "not yet";
            }
        }

        return "";
    }
}
