using System.Linq;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

/// <summary>A directory that is moved while kvol is in it leads no walk out of the volume. The mover stops kvol while /proc shows that kvol
/// is in the directory, so the move comes at that moment on every run.</summary>
public class MovedDirectories
{
    // Runs kvol; arguments: the directory's name, from, to, then the command line.
    private const string Mover = """
        import os, signal, subprocess, sys, time
        name, source, target, command = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:]
        kvol = subprocess.Popen(command)
        def inside():
            for fd in os.listdir('/proc/%d/fd' % kvol.pid):
                try:
                    link = os.readlink('/proc/%d/fd/%s' % (kvol.pid, fd))
                except OSError:
                    continue
                if link.endswith('/' + name):
                    return link
        def stopped():
            tasks = '/proc/%d/task' % kvol.pid
            return all(open('%s/%s/stat' % (tasks, t)).read().rsplit(')', 1)[1].split()[0] in 'TZ' for t in os.listdir(tasks))
        moved = False
        while not moved and kvol.poll() is None:
            if inside():
                kvol.send_signal(signal.SIGSTOP)
                while not stopped():
                    time.sleep(0.001)
                if inside():
                    os.rename(source, target)
                    moved = True
                    print('entries', len(os.listdir(target)), flush=True)
                kvol.send_signal(signal.SIGCONT)
        print('moved' if moved else 'missed', 'exit', kvol.wait(), flush=True)
        """;

    // The names on the way down are those that a walk would meet above the volume, if ".." led it there.
    private const string Prepare = """
        set -e
        $KVOL create payroll >/dev/null; mkdir -p store/volumes/payroll/data/deep; echo precious >store/volumes/payroll/data/deep/precious
        head -c 4000000 /dev/zero >store/volumes/payroll/data/large
        V=$($KVOL create $NAME); D=$PWD/store/volumes/$V/data; mkdir -p "$D/$WAY/big" "$D/zzz/payroll"
        python3 -c 'import os,sys
        os.chdir(sys.argv[1])
        for i in range(40000): os.close(os.open("f%d" % i, os.O_CREAT | os.O_WRONLY))' "$D/$WAY/big"
        cat >mover.py <<'P'
        {MOVER}
        P
        """;

    [Theory]
    [InlineData("rm web")]
    [InlineData("rm -f web")]
    [InlineData("prune -y --all --filter name=web")]
    public void A_removal_stops_and_deletes_nothing_else(string verb)
    {
        using var box = new Box();
        var result = Run(box, "web", "zzz/.gone-web/data",
            $"python3 mover.py big store/volumes/.gone-web/data/zzz/.gone-web/data/big store/volumes/.gone-web/data/big $KVOL {verb}");
        AssertStopped(box, result);
        box.Run("gc").Ok();
        Assert.Equal(["payroll"], Sys.List(box.Store + "/volumes"));
    }

    [Fact]
    public void Gc_stops_and_deletes_nothing_else()
    {
        using var box = new Box();
        var result = Run(box, "web", "zzz/.gone-web/data", """
            mv store/volumes/web store/volumes/.gone-web
            python3 mover.py big store/volumes/.gone-web/data/zzz/.gone-web/data/big store/volumes/.gone-web/data/big $KVOL gc
            """);
        Assert.Contains("moved exit", result.Out, System.StringComparison.Ordinal);
        Assert.True(Sys.Exists(box.Store + "/volumes/.gone-web"));
        Assert.True(Sys.Exists(box.Data("payroll") + "/deep/precious"));
    }

    [Fact]
    public void A_removal_leaves_what_was_moved_out_of_the_volume()
    {
        using var box = new Box();
        var result = Run(box, "web", "zzz",
            "python3 mover.py big store/volumes/.gone-web/data/zzz/big store/volumes/payroll/data/taken $KVOL rm web");
        AssertStopped(box, result);
        var before = int.Parse(result.Out.Split('\n').First(l => l.StartsWith("entries", System.StringComparison.Ordinal)).Split(' ')[1],
            null);
        Assert.InRange(Sys.List(box.Data("payroll") + "/taken").Count, before - 64, before);
    }

    [Theory]
    [InlineData("df web")]
    [InlineData("inspect web")]
    [InlineData("export web -o out.tar")]
    public void A_reading_walk_stops_and_looks_at_nothing_else(string verb)
    {
        using var box = new Box();
        var result = Run(box, "web", "zzz/q/r", $"python3 mover.py big \"$D/zzz/q/r/big\" \"$D/big\" $KVOL {verb}");
        AssertStopped(box, result);
        Assert.False(Sys.Exists(box.Top + "/out.tar"));
    }

    [Fact]
    public void The_old_content_of_a_rollback_is_deleted_alone()
    {
        Assert.SkipWhen(Platform.IsFreeBSD, "snapshots of a directory store need a file system that clones");
        using var box = new Box("xfs");
        var result = Run(box, "web", "zzz/web/.seeding", """
            mv "$D/zzz/web/.seeding/big" big; $KVOL snapshot web@s >/dev/null; mv big "$D/zzz/web/.seeding/big"
            python3 mover.py big store/volumes/web/.seeding/zzz/web/.seeding/big store/volumes/web/.seeding/big $KVOL rollback web@s
            """);
        AssertStopped(box, result);
        Assert.True(Sys.Exists(box.Metadata("web")));
    }

    [Theory]
    [InlineData(5000)]
    [InlineData(100000)]
    public void Depth_costs_no_descriptors(int depth)
    {
        using var box = new Box();
        box.Shell($$"""
            set -e
            $KVOL create web >/dev/null
            python3 -c 'import os
            os.chdir("store/volumes/web/data")
            for i in range({{depth}}): os.mkdir("d"); os.chdir("d")'
            ulimit -n 100
            $KVOL df web; $KVOL rm web
            """).Ok();
        Assert.Empty(Sys.List(box.Store + "/volumes"));
    }

    private static Result Run(Box box, string name, string way, string script) =>
        box.Shell($"NAME={name}; WAY='{way}'\n{Prepare.Replace("{MOVER}", Mover, System.StringComparison.Ordinal)}\nset +e\n{script}");

    private static void AssertStopped(Box box, Result result)
    {
        Assert.True(Sys.Exists(box.Data("payroll") + "/deep/precious"), result.Out + result.Err);
        Assert.Contains("moved exit 75", result.Out, System.StringComparison.Ordinal);
        Assert.Contains("kvol: web: ", result.Err, System.StringComparison.Ordinal);
    }
}
