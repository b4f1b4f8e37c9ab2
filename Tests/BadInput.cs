using System;
using System.Linq;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

/// <summary>Bad input gets one clear line and its own exit status, and changes nothing.</summary>
public class BadInput
{
    public static TheoryData<string> BadNames => [.. Names.BadVolumes];

    public static TheoryData<string, int> BadSpecs => new()
    {
        { "", 64 },
        { ":", 64 },
        { "v", 64 },
        { "v:", 64 },
        { ":/data", 64 },
        { "v:data", 64 },
        { "v:./data", 64 },
        { "v:/a/../b", 64 },
        { "v:/..", 64 },
        { "v:/", 64 },
        { "v://", 64 },
        { "v:/.", 64 },
        { "v:/data:bogus", 64 },
        { "v:/data:RO", 64 },
        { "v:/data:ro,rw", 64 },
        { "v:/data:rw,ro", 64 },
        { "v:/data:ro,,nosuid", 64 },
        { "v:/data:subpath=", 64 },
        { "v:/data:subpath=../x", 64 },
        { "v:/data:nocreate,create-source", 64 },
        { "v:/data:ro:rw", 64 },
        { "/etc:/data:nocopy,subpath", 64 },
        { "a/b:/data", 64 },
        { "v@s:/data:rw", 64 },
        { "..x:/data", 64 },
        { "type=volume,source=v", 64 },
        { "type=tmpfs,source=v,destination=/d", 64 },
        { "type=volume,source=v,destination=/d,bogus=1", 64 },
        { "type=volume,source=/etc,destination=/d", 64 },
        { "type=bind,source=v w,destination=/d,volume-nocopy=maybe", 64 },
    };

    [Theory]
    [MemberData(nameof(BadNames))]
    public void Create_refuses_a_bad_name(string name)
    {
        using var box = new Box();
        var before = box.State();
        box.Run("create", "--", name).Refused(64);
        Assert.Equal(before, box.State());
    }

    [Theory]
    [InlineData("a/b")]
    [InlineData("..")]
    [InlineData("a@b@c")]
    [InlineData("")]
    public void Rm_and_inspect_refuse_a_bad_name(string name)
    {
        using var box = new Box();
        box.Run("create", "v").Ok();
        var before = box.State();
        box.Run("rm", "--", name).Refused(64);
        box.Run("inspect", "--", name).Refused(64);
        Assert.Equal(before, box.State());
    }

    [Fact]
    public void A_name_of_128_characters_is_good()
    {
        using var box = new Box();
        var name = new string('x', 128);
        Assert.Equal(name, box.Run("create", name).Ok().Out.Trim());
        Assert.Equal([name], box.Volumes);
    }

    [Theory]
    [MemberData(nameof(BadSpecs))]
    public void A_bad_spec_is_refused_before_anything_is_made(string spec, int status)
    {
        using var box = new Box();
        var before = box.State();
        // The good spec in front must not have been carried out either.
        box.Mount("good:/good", spec).Refused(status);
        Assert.Equal(before, box.State());
    }

    [Fact]
    public void A_root_directory_that_is_missing_is_refused_and_not_made()
    {
        using var box = new Box();
        box.Run("mount", box.Top + "/absent", "v:/data").RefusedAny(64, 66);
        Assert.False(Sys.Exists(box.Top + "/absent"));
        Assert.False(Sys.Exists(box.Data("v")));
    }

    [Fact]
    public void A_root_directory_that_is_a_file_is_refused()
    {
        using var box = new Box();
        box.MakeFile("plain");
        box.Run("mount", box.Top + "/plain", "v:/data").RefusedAny(64, 66);
        Assert.False(Sys.Exists(box.Data("v")));
    }

    [Fact]
    public void The_root_directory_slash_is_refused()
    {
        using var box = new Box();
        box.Run("mount", "/", "v:/kvol-test-data").Refused(64);
        Assert.False(Sys.Exists("/kvol-test-data"));
        Assert.False(Sys.Exists(box.Data("v")));
    }

    [Fact]
    public void A_root_directory_below_the_store_is_refused()
    {
        using var box = new Box();
        box.Run("create", "v").Ok();
        Sys.Mkdir(box.Data("v") + "/jail");
        box.Run("mount", box.Data("v") + "/jail", "w:/data").Refused(64);
        Assert.Equal(["v"], box.Volumes);
        Assert.Empty(Sys.List(box.Data("v") + "/jail"));
    }

    [Fact]
    public void A_symlinked_root_directory_is_resolved_once_and_used()
    {
        using var box = new Box();
        Sys.Symlink("root", box.Top + "/www");
        box.Run("mount", box.Top + "/www", "v:/data").Ok();
        Assert.NotNull(box.MountAt("/data"));
        box.Run("umount", box.Top + "/www").Ok();
        Assert.Empty(box.Mounts);
    }

    [Theory]
    [InlineData(Kind.Socket)]
    [InlineData(Kind.Fifo)]
    [InlineData(Kind.CharDevice)]
    public void A_source_that_is_no_directory_and_no_file_is_refused(Kind kind)
    {
        using var box = new Box();
        new Special("odd", kind, 0b110_100_100, 1, 3).Apply(box.Top + "/odd");
        var before = box.State();
        box.Mount(box.Top + "/odd:/odd").RefusedAny(64, 66);
        Assert.Equal(before, box.State());
    }

    [Theory]
    [InlineData("mount")]
    [InlineData("mount", "ROOT")]
    [InlineData("frobnicate")]
    [InlineData("ls", "--bogus")]
    [InlineData("rm")]
    [InlineData("inspect")]
    [InlineData("create", "a", "b")]
    [InlineData("umount")]
    [InlineData("seed", "v")]
    [InlineData("create", "--mode", "99999", "v")]
    [InlineData("create", "--owner", "x:y:z", "v")]
    [InlineData("ls", "--filter", "nonsense")]
    [InlineData("ls", "--sort", "nonsense")]
    public void Wrong_usage_is_64_and_one_line(params string[] arguments)
    {
        using var box = new Box();
        box.Run([.. arguments.Select(a => a == "ROOT" ? box.Root : a)]).Refused(64);
        Assert.False(Sys.Exists(box.Data("v")));
    }

    [Fact]
    public void Without_privilege_nothing_happens_and_the_status_is_77()
    {
        using var box = new Box();
        var before = box.State();
        using var child = new Running(
            "setpriv", ["--reuid=65534", "--regid=65534", "--clear-groups", "--", Box.Binary, "mount", box.Root, "v:/data"],
                box.Environment);
        child.Wait().Refused(77);
        Assert.Equal(before, box.State());
    }

    [Fact]
    public void A_closed_stdout_is_told_and_what_was_not_done_was_not_done()
    {
        using var box = new Box();
        box.Shell("\"$KVOL\" create v >&-").Refused(71, "standard output");
        Assert.Empty(box.Volumes);
        var full = box.Shell("\"$KVOL\" ls >/dev/full");
        Assert.NotEqual(0, full.Exit);
        Assert.StartsWith("kvol: ", full.Err);
        Assert.DoesNotContain("   at ", full.Err, StringComparison.Ordinal);
    }

    [Fact]
    public void A_reader_that_goes_away_is_no_crash()
    {
        using var box = new Box();
        box.Run("create", "v").Ok();
        var result = box.Shell("\"$KVOL\" ls | true; echo ${PIPESTATUS[0]}");
        Assert.DoesNotContain("   at ", result.Err, StringComparison.Ordinal);
        Assert.True(int.Parse(result.Out) is 0 or 71 or 141, result.Out);
    }
}
