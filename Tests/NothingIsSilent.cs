using System.IO;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

/// <summary>What was named and is not there is told, and each refusal names the word that was typed.</summary>
public class NothingIsSilent
{
    [Theory]
    [InlineData("label!=")]
    [InlineData("label!==")]
    [InlineData("label=")]
    [InlineData("label==x")]
    [InlineData("name=")]
    public void A_filter_with_an_empty_word_removes_nothing(string filter)
    {
        using var box = new Box();
        box.Run("create", "web").Ok();
        box.Run("prune", "-y", "--all", "--filter", filter).Refused(64, "--filter " + filter, "empty");
        box.Run("ls", "--filter", filter).Refused(64, "empty");
        Assert.Equal(["web"], box.Volumes);
    }

    [Theory]
    [InlineData("until=yesterday", "'yesterday' is not a time")]
    [InlineData("state=foo", "'foo' is not a state; the states are ")]
    [InlineData("mounted=maybe", "'maybe' is neither true nor false")]
    [InlineData("nme=x", "unknown filter 'nme'")]
    [InlineData("label", "its value is missing: label=")]
    public void A_wrong_filter_is_told_by_its_wrong_part(string filter, string text)
    {
        using var box = new Box();
        box.Run("ls", "--filter", filter).Refused(64, "--filter " + filter, text);
        box.Run("ls", "--filter", "mounted=1", "--filter", "anonymous=No").Ok();
    }

    [Fact]
    public void Detach_of_another_jail_says_which_jail_is_attached_there()
    {
        using var box = new Box();
        box.Run("attach", "j1", box.Root, "web:/www").Ok();
        var result = box.Run("detach", "j2", box.Root);
        Assert.Equal((0, $"kvol: {box.Root}: jail j2 is not attached here, so nothing was done; jail j1 is: kvol detach j1 {box.Root}\n"),
            (result.Exit, result.Err));
        Assert.False(box.MountAt("/www").Has("ro"));
        box.Shell($"\"$KVOL\" {result.Err.Trim().Split(": kvol ")[1]}").Ok();
        Assert.Equal("", box.Run("detach", "j2", box.Root).Ok().Err); // nothing of kvol's is there
    }

    [Fact]
    public void What_an_umount_of_a_directory_above_undid_can_be_unmounted_again()
    {
        using var box = new Box();
        box.Mount("web:/srv/www", "log:/srv/log").Ok();
        box.Run("umount", box.Top).Ok();
        for (var i = 0; i < 2; i++)
        {
            box.Umount("/srv/www").Ok();
            box.Umount("/srv/log").Ok();
        }

        box.Umount("/srv/none").Refused(66, "/srv/none");
    }

    [Fact]
    public void Set_says_removed_only_of_what_was_there()
    {
        using var box = new Box();
        box.Run("create", "web", "-l", "a=b").Ok();
        Assert.Equal("kvol: web: label.none was not set, label.a removed\n", box.Run("set", "web", "label.none=", "label.a=").Ok().Err);
        Assert.Equal("kvol: web: snapshots was not set\n", box.Run("set", "web", "snapshots=").Ok().Err);
    }

    [Fact]
    public void Doctor_examines_what_another_user_sees_after_root_has_used_kvol()
    {
        using var box = new Box();
        box.Mount("web:/www").Ok();
        Tool.Run("cp", Box.Binary, box.Top + "/kvol");
        box.Shell("chmod 755 $PWD $PWD/kvol; chmod 644 $KVOL_CONFIG 2>/dev/null; chmod 711 $(dirname $PWD)").Ok();
        var result = box.Shell("setpriv --reuid 65534 --regid 65534 --clear-groups $PWD/kvol doctor");
        Assert.Contains("run record", result.Out);
        Assert.Contains("not running as root", result.Out);
        Assert.Contains("mount namespace", result.Out); // it came to its end
    }

    [Fact]
    public void Refusals_name_the_words_that_were_typed()
    {
        using var box = new Box();
        box.Run("create", "web").Ok();
        box.Run("export", "web", "--since", "a").Refused(64, "kvol: --since a: needs --format zfs");
        box.Run("export", "web", "--raw").Refused(64, "kvol: --raw: needs --format zfs");
        box.Run("export", "web", "--format", "cpio").Refused(64, "kvol: --format cpio: ", "tar zfs");
        box.Run("create", "x", "--key-file", "/k").Refused(64, "kvol: --key-file /k: needs --encrypt");
        box.Run("create", "x", "--encrypt").Refused(64, "kvol: --encrypt: needs --key-file");
        box.Run("create", "web", "-o", "=").Refused(64, "-o =");
        box.Run("create", "web", "-o", "compression=lz4").Refused(69, "-o"); // whether there is such a volume or not
        box.Run("--wait", "ls").Refused(64, "--wait=ls", "no command follows");
        box.Run("destroy", "web").Refused(64, "did you mean 'rm'?");
        box.Run("--root", "mystore", "ls").Refused(69, "mystore", "does not begin with '/'");
        box.Run("attach", "a\nb", box.Root, "web:/www").Refused(64, "control character");
        box.Run("rm").Refused(64, "usage: kvol rm ");
        Assert.Equal(["web"], box.Volumes);
    }

    [Theory]
    [InlineData("type=volume,source=web,dst=/www,readonly=maybe", "'readonly=maybe'")]
    [InlineData("type=volume,source=web,dst=/www,readonly=true,readonly=false", "'readonly=true' and 'readonly=false'")]
    [InlineData("web:/www:nocopy,nocopy=0", "'nocopy' and 'nocopy=0'")]
    [InlineData("web:/www:ro,rw", "'ro' and 'rw'")]
    public void Options_of_a_mount_are_told_as_they_were_typed(string spec, string word)
    {
        using var box = new Box();
        box.Mount(spec).Refused(64, word);
    }

    [Fact]
    public void A_false_option_means_that_it_is_not_asked_for()
    {
        using var box = new Box();
        File.WriteAllText(box.Config, "autocreate = no\n");
        box.Mount("web:/www").Refused(66, "autocreate is off in " + box.Config);
        box.Mount("web:/www:nocreate").Refused(66);
        box.Mount("type=volume,source=web,destination=/www,nocreate=F,nosuid=0,noexec=no,readonly=false,recursive=False").Ok();
        box.Mount($"type=bind,source={box.MakeDir("host")},destination=/host,volume-nocopy=false,nocreate=0").Ok(); // as if not given
        Assert.False(box.MountAt("/www").Has("nosuid"));
        Assert.False(box.MountAt("/www").Has("ro"));
        box.Run("attach", "www", box.Root, "web:/www:nocreate=false").Ok(); // it is written to the record, and read again
        box.Run("dump").Ok();
        File.WriteAllText(box.Config, "");
        box.Mount("none:/x:nocreate").Refused(66, "nocreate was given");
    }

    [Fact]
    public void What_is_in_the_way_is_named_as_a_volume_in_its_root_directory()
    {
        using var box = new Box();
        box.Mount("web:/www", "web:/two").Ok();
        box.Mount("other:/www").Refused(75, $"kvol: /www in {box.Root}: volume web is mounted there, not other");
        var refused = box.Run("rm", "web").Refused(75, $"kvol umount {box.Root} /www /two");
        box.Shell($"\"$KVOL\" {refused.Err.Trim().Split("first: kvol ")[1]}").Ok();
        box.Run("rm", "web").Ok();
    }

    [Fact]
    public void Init_says_what_it_wrote_and_a_full_output_is_told()
    {
        using var box = new Box();
        var written = box.Run("init", "--default", box.Top + "/second").Ok();
        Assert.Contains($"kvol: {box.Config}: root is {box.Top}/second and store_id is {written.Out.Trim()} now", written.Err);
        box.Shell("\"$KVOL\" create v >/dev/full").Refused(71, "standard output", "what the command changed stays changed");
        box.Shell("dd if=/dev/zero of=$KVOL_ROOT/volumes/v/data/f bs=1M count=4 2>/dev/null").Ok();
        var pipe = box.Shell("set -o pipefail; { \"$KVOL\" export v 2>$PWD/err; } | head -c 10 >/dev/null; cat $PWD/err");
        Assert.StartsWith("kvol: standard output: ", pipe.Out);
    }

    [Theory]
    [InlineData("\u200b")]
    [InlineData("\ufeff")]
    [InlineData("\u00ad")]
    [InlineData("\u2060")]
    [InlineData("\U000e0041")]
    public void What_a_terminal_does_not_show_is_escaped(string text)
    {
        using var box = new Box();
        box.Run("create", "web", "-l", "a=" + text).Ok();
        Assert.DoesNotContain(text, box.Run("ls").Ok().Out);
        Assert.DoesNotContain(text, box.Run("show", "web").Ok().Out);
        Assert.Contains("\\x", box.Run("get", "web", "label.a").Ok().Out);
    }
}
