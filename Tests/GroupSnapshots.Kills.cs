using System.IO;
using System.Linq;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

/// <content>Kills in the middle.</content>
public partial class GroupSnapshots
{
    [Theory]
    [InlineData("mkdirat")]
    [InlineData("renameat")]
    [InlineData("unlinkat")]
    [InlineData("fsync")]
    [InlineData("syncfs")]
    public void Killed_at_any_step_of_a_snapshot_there_are_all_or_none(string call)
    {
        using var box = new Box("xfs");
        Create(box, "old");
        int[] seen = [0, 0];
        for (var which = 1; Killed.At(box, call, which, "snapshot", "db@a", "log@a", "web@a"); which++)
        {
            var now = box.Run("ls", "-t", "snapshot", "-q").Ok().Lines;
            Assert.True(now.Length is 0 or 3, $"{call} {which}: {string.Join(' ', now)}");
            seen[now.Length / 3]++;
            MustBeClean(box, now.Length == 3 ? ["a"] : []);
            Assert.Equal(now, box.Run("ls", "-t", "snapshot", "-q").Ok().Lines);
            _ = box.Run("rm", "db@a");
            _ = box.Run("rm", "log@a");
            _ = box.Run("rm", "web@a");
        }

        // All is prepared before the commit, and only what is no longer needed is removed after it.
        Assert.True(call == "unlinkat" || seen[0] > 0, $"{call}: {seen[0]} none, {seen[1]} all");
        Assert.True(call is "mkdirat" or "syncfs" || seen[1] > 0, $"{call}: {seen[0]} none, {seen[1]} all");
    }

    [Theory]
    [InlineData("mkdirat")]
    [InlineData("renameat")]
    [InlineData("renameat2")]
    [InlineData("unlinkat")]
    [InlineData("fsync")]
    [InlineData("syncfs")]
    public void Killed_at_any_step_of_a_rollback_all_are_as_before_or_as_then(string call)
    {
        using var box = new Box("xfs");
        Create(box, "old");
        int[] seen = [0, 0];
        for (var which = 1; ; which++)
        {
            var id = Take(box, "a");
            box.Run("snapshot", "web@newer").Ok();
            Write(box, "new");
            var killed = Killed.At(box, call, which, "rollback", "-r", "--group", id);
            var listed = box.Run("ls", "-t", "snapshot", "-q").Ok().Lines;
            MustBeClean(box, null);
            var now = Contents(box).Distinct().ToArray();
            Assert.True(now.Length == 1, $"{call} {which}: {string.Join(' ', Contents(box))}");
            Assert.Equal(now[0] == "new", listed.Contains("web@newer"));
            Assert.Equal(listed, box.Run("ls", "-t", "snapshot", "-q").Ok().Lines);
            seen[now[0] == "new" ? 0 : 1]++;
            Write(box, "old");
            box.Run("rm", "--group", id).Ok();
            _ = box.Run("rm", "web@newer");
            if (!killed)
            {
                break;
            }
        }

        Assert.True(seen[0] > 0 && seen[1] > 0, $"{call}: {seen[0]} as before, {seen[1]} as then");
    }

    [Fact]
    public void Killed_in_the_middle_a_member_is_completed_before_it_is_mounted()
    {
        using var box = new Box("xfs");
        Create(box, "old");
        var id = Take(box, "a");
        box.MakeDir("root/a");
        for (var which = 1; ; which++)
        {
            Write(box, "new");
            Assert.True(Killed.At(box, "renameat2", which, "rollback", "--group", id), "the middle was not hit");
            if (Contents(box).Distinct().Count() > 1)
            {
                break;
            }

            box.Run("gc").Ok();
        }

        box.Mount("web:/a", "log:/b", "db:/c").Ok();
        Assert.Equal(["old", "old", "old"], new[] { "a", "b", "c" }.Select(d => File.ReadAllText($"{box.Root}/{d}/f")));
        box.Umount().Ok();
        box.Run("gc").Ok();
        Assert.Empty(Sys.List(box.Store + "/groups"));
    }

    [Theory]
    [InlineData("renameat")]
    [InlineData("unlinkat")]
    public void Killed_at_any_step_of_a_removal_all_are_there_or_none(string call)
    {
        using var box = new Box("xfs");
        Create(box, "old");
        for (var which = 1; ; which++)
        {
            var id = Take(box, "a");
            var killed = Killed.At(box, call, which, "rm", "--group", id);
            var now = box.Run("ls", "-t", "snapshot", "-q").Ok().Lines;
            Assert.True(now.Length is 0 or 3, $"{call} {which}: {string.Join(' ', now)}");
            MustBeClean(box, now.Length == 3 ? ["a"] : []);
            _ = box.Run("rm", "--group", id);
            if (!killed)
            {
                break;
            }
        }
    }

    private static void MustBeClean(Box box, string[]? snapshots)
    {
        box.Run("gc").Ok();
        Assert.Empty(Sys.Exists(box.Store + "/groups") ? Sys.List(box.Store + "/groups") : []);
        Assert.Equal(Names, Sys.List(box.Store + "/volumes"));
        foreach (var name in Names)
        {
            var volume = $"{box.Store}/volumes/{name}";
            Assert.Equal(["data", "snapshots", "volume.json"], Sys.List(volume).Append("snapshots").Distinct().Order());
            if (snapshots is not null)
            {
                Assert.Equal(snapshots, Sys.Exists(volume + "/snapshots") ? Sys.List(volume + "/snapshots") : []);
            }
        }
    }
}
