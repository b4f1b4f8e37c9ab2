using System;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

/// <summary>Places and files that others than kvol prepared or damaged.</summary>
public class StrangePlaces
{
    private const string AsNobody = "setpriv --reuid=65534 --regid=65534 --clear-groups";

    [Fact]
    public void An_export_writes_into_nothing_that_another_user_prepared()
    {
        using var box = new Box();
        box.Shell($"""
            set -e
            $KVOL create v; echo secret >store/volumes/v/data/f
            mkdir -m 1777 out; {AsNobody} sh -c 'umask 0; : >out/.v.tar.kvol-new'
            $KVOL export v -o out/v.tar
            test "$(stat -c %u:%a out/v.tar)" = 0:600; ! grep -q secret out/.v.tar.kvol-new
            """).Ok();
        Assert.Equal([".v.tar.kvol-new", "v.tar"], Sys.List(box.Top + "/out"));
    }

    [Fact]
    public void An_export_goes_to_a_fifo_of_roots_and_to_no_other()
    {
        using var box = new Box();
        box.Run("create", "v").Ok();
        box.Shell("mkfifo p; cat p >a.tar & $KVOL export v -o p && wait && tar -tf a.tar >/dev/null && $KVOL export v -o /dev/null").Ok();
        box.Shell($"mkdir -m 1777 out; {AsNobody} mkfifo out/p").Ok();
        box.Run("export", "v", "-o", box.Top + "/out/p").Refused(73, "uid 65534");
    }

    [Fact]
    public void Nothing_that_kvol_makes_in_a_store_inherits_an_acl()
    {
        using var box = new Box();
        box.Shell("""
            set -e
            mkdir root/d; : >root/d/f; setfacl -m d:u:1003:rwx,u:1003:rwx .
            $KVOL create v -l a=b; $KVOL mount $R w:/d; $KVOL attach j $R v:/e
            getfacl -Rpn store run >acls; grep -q volume.json acls; ! grep 1003 acls
            """).Ok();
    }

    [Theory]
    [InlineData("run")]
    [InlineData("run/roots")]
    [InlineData("run/locks")]
    [InlineData("store")]
    [InlineData("store/locks")]
    public void A_directory_of_kvols_that_another_user_owns_is_refused(string directory)
    {
        using var box = new Box();
        box.Mount("v:/d").Ok();
        Sys.Chown(box.Top + "/" + directory, 65534, 65534);
        box.Mount("v:/e").Refused(78, "chown 0:0");
        Sys.Chown(box.Top + "/" + directory, 0, 0);
        box.Mount("v:/e").Ok();
    }

    [Theory]
    [InlineData("run/roots")]
    [InlineData("store")]
    [InlineData("store/locks")]
    public void A_directory_of_kvols_that_others_can_write_to_is_closed_which_is_said_once(string directory)
    {
        using var box = new Box();
        box.Mount("v:/d").Ok();
        Sys.Chmod(box.Top + "/" + directory, 0b111_111_111);
        Assert.Contains("kvol changed its mode to 0755", box.Mount("v:/e").Ok().Err);
        Assert.Equal("", box.Mount("-q", "v:/f").Ok().Err);
    }

    [Theory]
    [InlineData("""{"boot":"$B","root":null,"attachments":[],"mounts":[]}""")]
    [InlineData("""{"boot":"$B","root":"/a\u0000b","attachments":[],"mounts":[]}""")]
    [InlineData("""{"boot":"$B","root":"/a","attachments":[{"jail":"j","created":"2026-01-01T00:00:00Z","uptime":1,"starter":"""
        + """null,"process":null,"jid":null,"specs":[null]}],"mounts":[]}""")]
    public void A_run_record_with_nulls_counts_as_lost(string content)
    {
        using var box = new Box();
        box.Shell("mkdir -p run/roots; sed \"s/\\$B/$(cat /proc/sys/kernel/random/boot_id)/\" >run/roots/1-1.json <<'E'\n" + content
            + "\nE\n").Ok();
        box.Run("gc").Ok();
        box.Run("mounts").Ok();
    }

    [Theory]
    [InlineData("mkdir", 65)]
    [InlineData("ln -s x", 65)]
    [InlineData("mkfifo", 0)]
    public void Something_else_in_place_of_a_lock_is_named_or_serves_as_one(string make, int status)
    {
        using var box = new Box();
        box.Run("mount", box.Root, "v:/srv").Ok();
        box.Shell("for f in run/locks/root*; do rm \"$f\"; " + make + " \"$f\"; done").Ok();
        var result = box.Run("umount", box.Root);
        Assert.Equal(status, result.Exit);
        if (status != 0)
        {
            result.Refused(status, "run/locks/root-", "is not a regular file", "move it away");
            box.Shell("rm -r run/locks/root*").Ok();
            box.Run("umount", box.Root).Ok();
        }
    }

    [Fact]
    public void A_directory_in_place_of_a_run_record_is_named()
    {
        using var box = new Box();
        box.Run("mount", box.Root, "v:/srv").Ok();
        box.Shell("for f in run/roots/*; do rm \"$f\"; mkdir \"$f\"; done").Ok();
        // What the failed command cannot write of the mounts that it undid is told too, in the words of the system.
        var result = box.Run("mount", box.Root, "w:/other");
        Assert.Equal(65, result.Exit);
        Assert.Contains("is a directory, and kvol keeps a file there; look at what is in it and move it away", result.Err,
            StringComparison.Ordinal);
        box.Shell("rmdir run/roots/*").Ok();
        box.Run("mount", box.Root, "w:/other").Ok();
        box.Run("umount", box.Root).Ok();
    }

    [Theory]
    [InlineData("ls", 78)]
    [InlineData("doctor", 69)]
    [InlineData("rm x", 78)]
    [InlineData("create x", 78)]
    public void A_directory_that_is_not_kvols_keeps_its_mode(string command, int status)
    {
        using var box = new Box();
        var result = box.Shell("mkdir share; chmod 2775 share; : >share/file; KVOL_ROOT=$PWD/share $KVOL " + command);
        Assert.True(result.Exit == status, $"exit {result.Exit}: {result.Err}");
        Assert.Equal("2775\n", box.Shell("stat -c %a share").Ok().Out);
        box.Shell("mkdir empty; chmod 1777 empty; KVOL_ROOT=$PWD/empty $KVOL create x").Refused(78, "empty", "chmod go-w");
        box.Shell("KVOL_RUN=$PWD/empty $KVOL mount $R /etc:/x").Refused(78, "empty", "chmod go-w");
        Assert.Equal("1777\n", box.Shell("stat -c %a empty").Ok().Out);
    }

    [Fact]
    public void A_link_to_hundreds_of_directories_that_are_missing_is_refused_at_once()
    {
        using var box = new Box();
        box.Shell("ln -s \"$(printf 'a/%.0s' $(seq 1900))z\" \"$R/link\"").Ok();
        box.Run("mount", box.Root, "v:/link").Refused(73, "/link", "256 deep");
        Assert.Equal(["link"], Sys.List(box.Root));
    }

    [Fact]
    [Trait("System", "Linux")]
    public void A_limit_of_file_size_is_an_error_that_is_undone()
    {
        using var box = new Box();
        var result = box.Shell("mkdir \"$R/big\"; "
            + "head -c 3000000 /dev/zero | tr '\\0' x >\"$R/big/f\"; ulimit -f 1000; $KVOL mount $R v:/big");
        Assert.NotEqual(0, result.Exit);
        Assert.Contains("File too large", result.Err, StringComparison.Ordinal);
        Assert.Empty(box.Volumes);
    }

    [Theory]
    [InlineData("store/locks")]
    [InlineData("run/locks")]
    [InlineData("run/roots")]
    public void A_file_in_place_of_a_directory_of_kvols_is_named(string directory)
    {
        using var box = new Box();
        box.Run("create", "v").Ok();
        box.Shell("mkdir -p run; rm -rf " + directory + "; : >" + directory).Ok();
        box.Run("mount", box.Root, "v:/srv").Refused(65, directory, "is not a directory", "move it away");
    }

    [Theory]
    [InlineData("mkdir")]
    [InlineData("mkfifo")]
    [InlineData("ln -s x")]
    [InlineData("truncate -s 17M")]
    public void Something_else_in_place_of_a_volumes_file_is_damage(string make)
    {
        using var box = new Box();
        box.Run("create", "v").Ok();
        box.Run("create", "w").Ok();
        box.Shell($"rm store/volumes/v/volume.json; {make} store/volumes/v/volume.json").Ok();
        var list = box.Run("ls", "-q");
        Assert.Equal((65, "w\n"), (list.Exit, list.Out));
        box.Run("inspect", "v").Refused(65);
    }
}
