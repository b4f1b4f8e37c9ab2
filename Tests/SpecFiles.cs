using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

/// <summary><c>--file</c> of attach and mount: a list of SPECs is one command, all or nothing.</summary>
public class SpecFiles
{
    [Fact]
    public void A_list_is_mounted_as_if_it_had_been_typed()
    {
        using var box = new Box();
        var src = box.MakeDir("my src");
        var list = box.MakeFile("list", $"# of www\nv:/data w:/logs:ro\n'{src}:/etc/my conf:ro' # the last one\n");
        box.Run("attach", "-q", "www", box.Root, "--file", list).Ok();
        Assert.Equal(["/data", "/etc/my conf", "/logs"],
            box.Mounts.Select(m => m.Target[box.Root.Length..].Replace("\\040", " ", System.StringComparison.Ordinal)).Order());
        var hint = box.Run("detach", "-v", "www", box.Root).Ok().Err;
        Assert.Contains($"kvol attach www {box.Root} v:/data w:/logs:ro '{src}:/etc/my conf:ro'", hint, System.StringComparison.Ordinal);
        Assert.Empty(box.Mounts);
        box.Shell("echo v:/data | \"$KVOL\" mount --file - \"$R\"").Ok();
        Assert.Single(box.Mounts);
    }

    [Fact]
    public void A_pipe_and_a_fifo_are_files()
    {
        using var box = new Box();
        box.Shell("mkfifo fifo; { sleep 0.2; echo v:/a; } >fifo & \"$KVOL\" mount -q \"$R\" --file fifo; wait").Ok();
        box.Shell("\"$KVOL\" mount -q \"$R\" --file <(echo w:/b)").Ok();
        Assert.Equal(2, box.Mounts.Count);
    }

    [Fact]
    public void If_one_of_the_list_fails_nothing_is_left()
    {
        using var box = new Box();
        box.Run("create", "old").Ok();
        var before = box.State();
        var list = box.MakeFile("list", $"old:/a\nnew:/b\n{box.Top}/absent:/c\n");
        box.Run("attach", "www", box.Root, "--file", list).Refused(66, "absent");
        Assert.Equal(before, box.State());
        box.Run("attach", "www", box.Root, "--file", list, "v:/v").Refused(64, "--file", "v:/v");
        box.Run("attach", "www", box.Root).Refused(64, "SPEC", "--file FILE");
        box.Run("mount", box.Root).Refused(64, "SPEC", "--file FILE");
        box.Run("mount", box.Root, "--file", box.Top + "/none").Refused(66, "none");
        box.Run("mount", box.Root, "--file", box.Top).Refused(66, box.Top);
        Assert.Equal(before, box.State());
    }

    public static TheoryData<string, string> Damaged => new()
    {
        { "v:/a\nw", "line 2: w: a mount is SOURCE:DEST[:OPT,...]; the destination is missing" },
        { "v:/a\nw:/b:rx", "line 2: w:/b:rx: unknown option 'rx'" },
        { "v:/a\n\0", "line 2: holds a NUL character" },
        { "v:/a '\nw:/b'", "line 1: a quotation mark ' is not closed" },
        { "", "there is nothing to mount in it" },
        { "# nothing\n", "there is nothing to mount in it" },
        { "v:/\u00ff\u0001", "line 1: v:/" }, // written in Latin-1
        { "{", "line 1: is not valid JSON" },
        { "{\"version\": 2}", "line 1: this version of kvol reads files of version 1 only" },
    };

    [Theory]
    [MemberData(nameof(Damaged))]
    public void A_mistake_in_a_list_is_named_with_file_and_line_and_changes_nothing(string text, string message)
    {
        using var box = new Box();
        var before = box.State();
        var list = box.Top + "/list";
        File.WriteAllText(list, text, Encoding.Latin1);
        var error = box.Run("attach", "www", box.Root, "--file", list).Refused(65, list).Err;
        Assert.StartsWith($"kvol: {list}: {message}", error, System.StringComparison.Ordinal);
        Assert.Equal(before, box.State());
    }

    [Fact]
    public void Huge_lists_are_refused_in_bounded_memory()
    {
        using var box = new Box();
        box.Shell("\"$KVOL\" mount \"$R\" --file /dev/zero").Refused(65, "/dev/zero: is larger than 16 MiB");
        box.Shell("yes v:/a 2>/dev/null | head -c 17000000 >big; \"$KVOL\" mount \"$R\" --file big").Refused(65, "is larger than 16 MiB");
        box.Shell("yes '[' 2>/dev/null | head -c 8000000 | sed '1s/^/{\"volumes\":/' >deep; \"$KVOL\" mount \"$R\" --file deep")
            .Refused(65, "deep: line ");
    }

    [Fact]
    public void The_file_of_apply_gives_the_mounts_of_that_jail_in_that_root_directory()
    {
        using var box = new Box();
        var (src, other) = (box.MakeDir("src"), box.MakeDir("other"));
        var file = box.MakeFile("host.json", $$"""
            {
              "version": 1,
              "volumes": [ { "name": "unused", "quota": "1G" } ],
              "roots": [
                { "rootdir": "{{box.Root}}/", "jail": "www", "mounts": [
                    "v:/data:ro",
                    { "type": "bind", "source": "{{src}}", "destination": "/src", "read_only": true, "options": ["nosuid"] } ] },
                { "rootdir": "{{box.Root}}", "mounts": [ "w:/plain" ] },
                { "rootdir": "{{other}}", "jail": "db", "mounts": [ "v:/v" ] }
              ]
            }
            """);
        box.Run("attach", "-q", "www", box.Root, "--file", file).Ok();
        Assert.Equal(["/data", "/src"], box.Mounts.Select(m => m.Target[box.Root.Length..]).Order());
        Assert.Equal(["v"], box.Volumes);
        box.Run("detach", "www").Ok();
        box.Mount("-q", "--file", file).Ok();
        Assert.Equal([box.Root + "/plain"], box.Mounts.Select(m => m.Target));
        box.Run("attach", "db", box.Root, "--file", file).Refused(66, file, "jail db", other);
        box.Run("attach", "none", box.Root, "--file", file).Refused(66, file, "jail none");
    }
}
