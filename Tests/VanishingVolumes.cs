using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

/// <summary>Commands that look at volumes while others remove, rename and make them.</summary>
public class VanishingVolumes
{
    [Fact]
    public void A_named_volume_is_there_or_is_not_and_a_list_passes_over_what_is_gone()
    {
        using var box = new Box();
        box.Run("create", "stays").Ok();
        box.Run("create", "x").Ok();
        using var done = new CancellationTokenSource();

        // Like kvol's own rename and removal of a volume, but much faster: each is one rename.
        var mover = new Thread(() =>
        {
            for (var n = 0; !done.IsCancellationRequested; n++)
            {
                Sys.Rename(box.Store + "/volumes/x", box.Store + "/volumes/.gone-x");
                Thread.SpinWait(n % 50 * 1000);
                Sys.Rename(box.Store + "/volumes/.gone-x", box.Store + "/volumes/x");
                Thread.SpinWait(n % 50 * 1000);
            }
        });
        mover.Start();
        try
        {
            string[][] lists = [["df"], ["ls"], ["ls", "-o", "name,used"], ["prune", "-n", "--all"], ["doctor"]];
            string[][] named = [["inspect", "x"], ["df", "x"], ["get", "x"], ["show", "x"]];
            for (var round = 0; round < 15; round++)
            {
                foreach (var command in lists)
                {
                    var result = box.Run(command);
                    Assert.DoesNotContain("/volumes/x", result.Err, StringComparison.Ordinal);
                    Assert.True(result.Exit == 0, string.Join(' ', command) + $": exit {result.Exit}\n{result.Out}{result.Err}");
                }

                foreach (var command in named)
                {
                    var result = box.Run(command);
                    if (result.Exit != 0)
                    {
                        result.Refused(66, "kvol: x: no such volume");
                    }
                }
            }
        }
        finally
        {
            done.Cancel();
            mover.Join();
        }
    }

    [Fact]
    public void Prune_passes_over_a_volume_that_another_command_removed_first()
    {
        using var box = new Box();
        foreach (var name in Enumerable.Range(0, 12).Select(n => $"v{n:00}"))
        {
            box.Run("create", name).Ok();
        }

        using var first = box.Start("prune", "--all", "-y");
        using var second = box.Start("prune", "--all", "-y");
        var (a, b) = (first.Wait().Ok(), second.Wait().Ok());
        Assert.Equal("", a.Err + b.Err);
        Assert.Equal(12, a.Lines.Concat(b.Lines).Distinct().Count());
        Assert.Equal(12, a.Lines.Length + b.Lines.Length);
        Assert.Empty(box.Volumes);
    }
}
