using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

/// <summary>What kvol makes can be undone at every instant: a call that fails or kills it leaves no mount and no mount point for
/// ever.</summary>
[Trait("System", "Linux")]
public class Effects
{
    /// <summary>kvol with one call that fails: strace(1) gives the error.</summary>
    private static Result Failing(Box box, string call, string error, int which, params string[] arguments)
    {
        using var child = new Running(
            "strace", ["-f", "-qq", "-o", "/dev/null", "-e", "trace=" + call, "-e", $"inject={call}:error={error}:when={which}", Box.Binary,
                .. arguments],
            new Dictionary<string, string>(box.Environment), box.Top);
        return child.Wait();
    }

    [Theory]
    [InlineData("statx", "EIO")]
    [InlineData("mount_setattr", "ENOMEM")]
    [InlineData("move_mount", "EBUSY")]
    [InlineData("readlinkat,readlink", "EIO")]
    [InlineData("fstatfs", "EIO")]
    [InlineData("renameat,rename,renameat2", "EIO")]
    public void Whichever_call_of_a_mount_fails_nothing_stays_mounted(string call, string error)
    {
        using var box = new Box();
        new Tree(new Dir("srv")).Build(box.Root);
        box.Run("create", "v").Ok();
        var failed = 0;
        for (var which = 1; which < 200; which++)
        {
            var result = Failing(box, call, error, which, "mount", box.Root, "v:/srv");
            if (result.Exit == 0)
            {
                if (failed > 0 && box.Mounts.Count == 1 && which > 60)
                {
                    break;
                }

                box.Umount().Ok();
                continue;
            }

            failed++;
            Assert.True(box.Mounts.Count == 0, $"{call} {which}: mounted after exit {result.Exit}: {result.Err}");
        }

        Assert.True(failed > 0);
    }

    [Theory]
    [InlineData("mkdirat,mkdir")]
    [InlineData("mknodat,mknod")]
    [InlineData("statx")]
    [InlineData("renameat,rename,renameat2")]
    [InlineData("fsync")]
    [InlineData("openat2")]
    public void A_kill_at_any_call_leaves_no_mount_point_for_ever(string call)
    {
        using var box = new Box();
        box.MakeFile("src");
        box.Run("create", "v").Ok();
        box.Mount("v:/warm").Ok();
        box.Umount().Ok();
        var before = Manifest.Of(box.Root).Lines.Select(l => l.Split(' ')[0]).ToArray();
        for (var which = 1; Killed.At(box, call, which, "mount", box.Root, "v:/a/b/c", box.Top + "/src:/etc/conf"); which++)
        {
            Assert.True(which < 300);
            box.Umount().Ok();
            Assert.Equal(before, Manifest.Of(box.Root).Lines.Select(l => l.Split(' ')[0]));
            Assert.DoesNotContain(Sys.List(box.Store + "/mountpoints"), n => n.EndsWith(".json", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void A_directory_that_was_there_or_is_another_users_is_not_taken_for_a_killed_commands()
    {
        using var box = new Box();
        box.Run("create", "v").Ok();
        Assert.True(Killed.At(box, "mkdirat", LastMkdir(box), "mount", box.Root, "v:/a/b"));
        Sys.Mkdir(box.Root + "/a");
        Tool.Run("chmod", "700", box.Root + "/a");
        Tool.Run("chown", "1000:1000", box.Root + "/a");
        box.Umount().Ok();
        box.Run("gc").Ok();
        Assert.True(Directory.Exists(box.Root + "/a"));
    }

    [Theory]
    [InlineData("EIO")]
    [InlineData("EBUSY")]
    [InlineData("EROFS")]
    public void A_mount_point_that_cannot_be_removed_is_said_and_repeating_finishes(string error)
    {
        using var box = new Box();
        box.Run("attach", "j", box.Root, "v:/made").Ok();
        Failing(box, "unlinkat", error, LastUnlink(box), "detach", "j").Refused(75, "/made", "mount point");
        Assert.True(Directory.Exists(box.Root + "/made"));
        box.Run("detach", "j").Ok();
        Assert.False(Directory.Exists(box.Root + "/made"));
    }

    // The removal of the mount point is the first unlinkat of a directory; the calls before it are counted with a run that is let through.
    private static int LastUnlink(Box box)
    {
        using var twin = new Box();
        twin.Run("attach", "j", twin.Root, "v:/made").Ok();
        var log = twin.Top + "/log";
        using var child = new Running("strace", ["-f", "-qq", "-o", log, "-e", "trace=unlinkat", Box.Binary, "detach", "j"],
            twin.Environment, twin.Top);
        child.Wait().Ok();
        return Array.FindIndex([.. File.ReadAllLines(log).Where(l => l.Contains("unlinkat(", StringComparison.Ordinal))], l =>
            l.Contains("\"made\"", StringComparison.Ordinal)) + 1;
    }

    private static int LastMkdir(Box box)
    {
        using var twin = new Box();
        twin.Run("create", "v").Ok();
        var log = twin.Top + "/log";
        using var child = new Running("strace", ["-f", "-qq", "-o", log, "-e", "trace=mkdirat", Box.Binary, "mount", twin.Root, "v:/a/b"],
            twin.Environment, twin.Top);
        child.Wait().Ok();
        return Array.FindIndex([.. File.ReadAllLines(log).Where(l => l.Contains("mkdirat(", StringComparison.Ordinal))], l =>
            l.Contains("\"a\"", StringComparison.Ordinal)) + 1;
    }

    [Theory]
    [InlineData("gc")]
    [InlineData("umount R /srv/sub/mp")]
    [InlineData("mount R c:/other")]
    [InlineData("mount R c:/srv/sub:bad")]
    public void A_mount_point_that_a_foreign_mount_covers_is_remembered(string between)
    {
        using var box = new Box();
        new Tree(new Dir("srv"), new Dir("srv/sub"), new Text("srv/f")).Build(box.Root);
        var before = Sys.List(box.Root + "/srv/sub");
        box.Mount("a:/srv/sub/mp").Ok();
        Sys.Mount("tmpfs", box.Root + "/srv", "tmpfs", 0);
        _ = box.Run([.. between.Split(' ').Select(w => w == "R" ? box.Root : w)]);
        Tool.Run("umount", box.Root + "/srv");
        box.Umount().Ok();
        Assert.Equal(before, Sys.List(box.Root + "/srv/sub"));
    }

    [Fact]
    public void A_mount_point_is_remembered_while_the_same_file_system_covers_it()
    {
        using var box = new Box();
        new Tree(new Dir("srv"), new Dir("srv/sub"), new Dir("cover"), new Dir("cover/sub")).Build(box.Root);
        box.Mount("a:/srv/sub/mp").Ok();
        Tool.Run("umount", box.Root + "/srv/sub/mp");
        Tool.Run("mount", "--bind", box.Root + "/cover", box.Root + "/srv");
        box.Run("gc").Ok();
        box.Umount().Ok();
        Tool.Run("umount", box.Root + "/srv");
        box.Run("gc").Ok();
        Assert.Empty(Sys.List(box.Root + "/srv/sub"));
    }

    [Fact]
    public void A_mount_that_would_hide_another_one_of_kvols_is_refused()
    {
        using var box = new Box();
        new Tree(new Dir("srv"), new Dir("srv/www"), new Text("srv/www/index")).Build(box.Root);
        box.Run("attach", "a1", box.Root, "p2:/srv/www").Ok();
        var before = box.State();
        box.Mount("p1:/srv").Refused(75, "p2", "/srv/www", "a1", "kvol umount");
        box.Run("attach", "a2", box.Root, "p1:/srv").Refused(75, "p2");
        Assert.Equal(before, box.State());
        box.Mount("p3:/srv/www/deeper").Ok();
        box.Umount().Ok();
        box.Mount("p1:/srv", "p2:/srv/www").Ok();
    }

    [Fact]
    public void A_mount_of_a_store_that_became_read_only_is_refused_unless_ro_is_asked()
    {
        using var box = new Box();
        Sys.Mkdir(box.Top + "/disk");
        Sys.Mount("tmpfs", box.Top + "/disk", "tmpfs", 0);
        Sys.Mkdir(box.Top + "/disk/host");
        Tool.Run("mount", "-o", "remount,ro", box.Top + "/disk");
        box.Mount(box.Top + "/disk/host:/srv").Refused(75, "read-only", "'ro'");
        Assert.Empty(box.Mounts);
        Assert.Empty(Sys.List(box.Root));
        box.Mount(box.Top + "/disk/host:/srv:ro").Ok();
    }

    [Fact]
    public void A_place_that_is_renamed_all_the_time_is_an_error_after_a_while()
    {
        using var box = new Box();
        new Tree(new Dir("srv")).Build(box.Root);
        box.Run("create", "v").Ok();
        using var child = new Running(
            "strace", ["-f", "-qq", "-o", "/dev/null", "-e", "trace=openat2", "-e", "inject=openat2:error=EAGAIN", Box.Binary, "mount",
                box.Root, "v:/srv"],
            box.Environment, box.Top);
        child.Wait(20).Refused(75, "renamed again and again");
    }
}
