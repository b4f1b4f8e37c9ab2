using System;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

/// <summary>A directory of the host becomes a volume and a directory again, by rename: nothing is copied, and nothing is lost.</summary>
public class Adopts
{
    internal static string Filled(Box box, string name = "d")
    {
        var path = box.MakeDir(name);
        new Tree(new Text("f", "content"), new Dir("sub"), new Text("sub/.hidden"), new Times("f", 5, 5)).Build(path);
        Sys.Chown(path, 1001, 1002);
        Sys.Chmod(path, 0b001_111_101_000);
        return path;
    }

    [Fact]
    public void A_directory_of_the_same_file_system_is_moved_as_it_is()
    {
        using var box = new Box("ext4");
        var path = Filled(box);
        var (before, inode) = (Manifest.Of(path), Sys.Stat(path + "/f").Inode);
        var adopted = box.Run("adopt", "-v", "-l", "tier=front", path, "web").Ok();
        Assert.Contains($"web: created from {path} without a copy; users of the host no longer reach it at {path}", adopted.Err);
        Assert.Contains($"kvol release web {path}", adopted.Err);
        Assert.False(Sys.Exists(path));
        before.MustEqual(Manifest.Of(box.Data("web")));
        Assert.Equal(inode, Sys.Stat(box.Data("web") + "/f").Inode);
        Assert.Equal(["volume.json", "data"], Sys.List(box.Store + "/volumes/web").OrderByDescending(n => n));
        var volume = box.Inspect("web");
        Assert.Equal("front", volume.GetProperty("labels").GetProperty("tier").GetString());
        Assert.Equal("ready", volume.GetProperty("state").GetString());
        Assert.False(volume.GetProperty("anonymous").GetBoolean());
        box.MakeDir("root/srv");
        box.Mount("web:/srv").Ok();
        Assert.Equal("content", File.ReadAllText(box.Root + "/srv/f"));
        Assert.Equal(1001u, Sys.Stat(box.Root + "/srv").Uid);
        box.Umount().Ok();
        Assert.Contains($"kvol adopt -l tier=front {path} web", box.Run("release", "-v", "web", path).Ok().Err);
        before.MustEqual(Manifest.Of(path));
        Assert.Equal(inode, Sys.Stat(path + "/f").Inode);
        Assert.Empty(box.Volumes);
        Assert.Empty(Sys.List(box.Store + "/volumes"));
    }

    [Fact]
    public void What_was_done_is_told_as_JSON()
    {
        using var box = new Box();
        var path = Filled(box);
        var adopted = JsonDocument.Parse(box.Run("adopt", "-q", "--json", path, "web").Ok().Out).RootElement;
        Assert.Equal(path, adopted.GetProperty("source").GetString());
        Assert.True(adopted.GetProperty("moved").GetBoolean());
        var released = JsonDocument.Parse(box.Run("release", "-q", "--json", "web", path).Ok().Out).RootElement;
        Assert.Equal("web", released.GetProperty("released").GetString());
        Assert.Equal(path, released.GetProperty("mountpoint").GetString());
    }

    [Fact]
    public void A_dry_run_makes_the_checks_and_prints_the_steps()
    {
        using var box = new Box();
        var path = Filled(box);
        var volume = box.Store + "/volumes/web";
        Announces(box, ["adopt", path, "web"], $"mkdir -m 0700 {volume}", $"mv {path} {volume}/data");
        box.Run("adopt", "-n", "/", "web").Refused(64, "root of this host");
        box.Run("adopt", path, "web").Ok();
        Announces(box, ["release", "web", path], $"mv {volume}/data {path}", $"rm -rf {volume}");
        box.Run("release", "-n", "web", box.Root).Refused(73, box.Root);

        static void Announces(Box box, string[] words, params string[] steps)
        {
            var before = Manifest.Of(box.Top);
            Assert.Equal(steps, box.Run([.. words, "-n"]).Ok().Lines.Where(l => !l.StartsWith('#')
                && !l.EndsWith("/store", StringComparison.Ordinal) && !l.EndsWith("/volumes", StringComparison.Ordinal)));
            before.MustEqual(Manifest.Of(box.Top));
        }
    }

    [Fact]
    public void A_relative_path_starts_at_the_working_directory()
    {
        using var box = new Box();
        Filled(box);
        box.Run("adopt", "./d", "web").Ok();
        box.Run("release", "web", "./e").Ok();
        Assert.Equal("content", File.ReadAllText(box.Top + "/e/f"));
        box.Run("adopt", "e", "web").Refused(64, "e", "without a leading / or ./");
    }

    [Fact]
    public void A_directory_of_another_file_system_is_copied_and_stays()
    {
        using var box = new Box();
        using var other = new Box("ext4");
        var path = Filled(other);
        var before = Manifest.Of(path);
        Assert.Contains("which is on another file system and left in place", box.Run("adopt", path, "web").Ok().Err);
        before.MustEqual(Manifest.Of(path));
        before.MustEqual(Manifest.Of(box.Data("web")));
        Assert.Equal(path, box.Inspect("web").GetProperty("seed").GetProperty("source").GetString());
    }

    [Fact]
    [Trait("System", "Linux")] // cp(1)
    public void The_command_that_copies_a_volume_to_another_file_system_keeps_all_or_fails()
    {
        using var box = new Box("xfs");
        using var other = new Box("ext4");
        box.Run("create", "v").Ok();
        new Tree(new Text("f"), new Xattr("f", "user.some", "value"), new Acl("f", "-m", "u:1001:rw"), new HardLink("g", "f"),
            new Times("f", 5, 5)).Build(box.Data("v"));
        var before = Manifest.Of(box.Data("v"));
        var said = box.Run("release", "v", other.Top + "/o ut").Refused(64, "not on the file system").Err;
        box.Shell(said.Split("copied: ")[1].Split(';')[0]).Ok();
        before.MustEqual(Manifest.Of(other.Top + "/o ut"));
        Assert.EndsWith("if that succeeds: kvol rm v\n", said);
        // ext4 keeps 4 KiB of attributes, xfs more.
        box.Shell("setfattr -n user.large -v \"$(head -c 30000 /dev/zero | tr '\\0' x)\" store/volumes/v/data/f").Ok();
        said = box.Run("release", "v", other.Top + "/again").Refused(64).Err;
        Assert.NotEqual(0, box.Shell(said.Split("copied: ")[1].Split(';')[0]).Exit);
    }

    [Fact]
    public void The_first_adoption_makes_the_store_and_not_in_what_it_adopts()
    {
        using var box = new Box();
        var path = Filled(box);
        box.Run("--root", path + "/store", "adopt", path, "web").Refused(64, "holds the store");
        Assert.False(Sys.Exists(path + "/store"));
        box.Run("adopt", path, "web").Ok();
        Assert.Equal(["web"], box.Volumes);
    }

    [Fact]
    [Trait("System", "Linux")]
    public void A_directory_that_is_exchanged_after_the_check_is_not_taken()
    {
        using var box = new Box();
        var path = Filled(box);
        var other = Filled(box, "other");
        box.Run("init").Ok();
        using var child = new Running("strace", ["-f", "-qq", "-o", "/dev/null", "-e", "trace=renameat",
            "-e", "inject=renameat:delay_enter=5000000:when=1", Box.Binary, "adopt", path, "web"], box.Environment, box.Top);
        WaitUntil(() => Sys.Exists(box.Store + "/volumes/.moving-web/source.json") || child.HasExited);
        Assert.True(Sys.Exchange(path, other));
        child.Wait().Refused(75, path, "was replaced by another program");
        Assert.True(Sys.Exists(path + "/f") && Sys.Exists(other + "/f"));
        Assert.Empty(Sys.List(box.Store + "/volumes"));
    }

    [Theory]
    [Trait("System", "Linux")]
    [InlineData("mkdirat")]
    [InlineData("renameat")]
    [InlineData("renameat2")]
    [InlineData("fsync")]
    [InlineData("unlinkat")]
    public void Killed_at_any_step_the_data_are_where_they_were_or_a_volume(string call)
    {
        using var box = new Box();
        var path = Filled(box);
        var before = Manifest.Of(path);
        box.Run("init").Ok();
        for (var which = 1; Killed.At(box, call, which, "adopt", path, "web"); which++)
        {
            Check("adopt", which);
        }

        box.Run("adopt", path, "web");
        for (var which = 1; Killed.At(box, call, which, "release", "web", path); which++)
        {
            Check("release", which);
        }

        void Check(string verb, int which)
        {
            box.Run("gc").Ok();
            Assert.DoesNotContain(Sys.List(box.Store + "/volumes"), n => n.StartsWith('.'));
            var isVolume = box.Run("exists", "web").Exit == 0;
            Assert.True(isVolume != Sys.Exists(path), $"killed at {call} {which} of {verb}");
            before.MustEqual(Manifest.Of(isVolume ? box.Data("web") : path));
            if (verb == "adopt" && isVolume)
            {
                box.Run("release", "web", path).Ok();
            }
            else if (verb == "release" && !isVolume)
            {
                box.Run("adopt", path, "web").Ok();
            }
        }
    }

    [Fact]
    public void Of_adoptions_of_one_directory_at_once_at_most_one_is_done()
    {
        using var box = new Box();
        var path = Filled(box);
        box.Run("init").Ok();
        Running[] all = [.. Enumerable.Range(0, 4).Select(i => box.Start("adopt", path, "v" + i))];
        var done = all.Count(a => a.Wait().Exit == 0); // each may see another one as a user of the directory
        Assert.InRange(done, 0, 1);
        Assert.Equal(done, box.Volumes.Length);
        Assert.Equal(done == 0, Sys.Exists(path));
        Array.ForEach(all, a => a.Dispose());
        Assert.DoesNotContain(Sys.List(box.Store + "/volumes"), n => n.StartsWith('.'));
    }

    internal static void WaitUntil(Func<bool> condition)
    {
        while (!condition())
        {
            Thread.Sleep(2);
        }
    }
}
