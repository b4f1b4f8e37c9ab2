using System.Linq;
using Kvol.Storage.Values;
using Xunit;

namespace Kvol.Tests.Unit;

/// <summary>What to mount where, in the short form and the long one, and the names of volumes.</summary>
public class Specs
{
    [Theory]
    [InlineData("v:/d", "v", null, "/d")]
    [InlineData("v://d//e/", "v", null, "/d/e")]
    [InlineData("v:/./d/.", "v", null, "/d")]
    [InlineData("v:/a\\:b", "v", null, "/a:b")]
    [InlineData("/s\\:t:/d", null, "/s:t", "/d")]
    [InlineData("/s/../t:/d", null, "/t", "/d")]
    [InlineData("v:/a\\b", "v", null, "/a\\b")]
    [InlineData("v:/..x", "v", null, "/..x")]
    [InlineData("v:/a=b,c", "v", null, "/a=b,c")]
    [InlineData("type=volume,source=v,destination=/d", "v", null, "/d")]
    [InlineData("source=/s,destination=/d", null, "/s", "/d")]
    [InlineData("type=bind,src=/s,dst=/d", null, "/s", "/d")]
    [InlineData("type=nullfs,src=/s,target=/d", null, "/s", "/d")]
    [InlineData("src=v,target=/a:b", "v", null, "/a:b")]
    public void A_spec_is_parsed_once(string text, string? volume, string? host, string destination)
    {
        var spec = MountSpec.Parse(text);
        Assert.Equal((volume, host, destination), (spec.Volume?.Text, spec.HostPath, spec.Destination));
    }

    [Theory]
    [InlineData("v:/d:ro,nosuid,noexec", "ReadOnly, NoSuid, NoExec")]
    [InlineData("v:/d:ro=false", "None")]
    [InlineData("v:/d:rw=false", "ReadOnly")]
    [InlineData("v:/d:rw=0", "ReadOnly")]
    [InlineData("v:/d:ro=T", "ReadOnly")]
    [InlineData("v:/d:rw", "None")]
    [InlineData("type=volume,source=v,destination=/d,readonly", "ReadOnly")]
    [InlineData("type=volume,source=v,destination=/d,readonly=false", "None")]
    public void Options_are_flags_of_the_mount(string text, string flags) => Assert.Equal(flags, MountSpec.Parse(text).Flags.ToString());

    [Theory]
    [InlineData("v@s:/d", "v@s:/d:ro")]
    [InlineData("v@a.b-c_d:/d:ro,subpath=a/b,nosuid", "v@a.b-c_d:/d:ro,nosuid,subpath=a/b")]
    [InlineData("type=volume,source=v@s,target=/d\\,readonly", "type=volume,source=v@s,destination=/d\\,ro")]
    public void A_snapshot_is_a_source_that_is_always_read_only(string text, string written)
    {
        var spec = MountSpec.Parse(text);
        Assert.Equal((true, "v", null, spec.Snapshot!.Volume, "volume"), (spec.IsReadOnly, spec.Volume!.Text, spec.LiveVolume?.Text,
            spec.Volume, spec.TypeText));
        Assert.Equal(written, spec.Text);
        Assert.Equal(spec, MountSpec.Parse(written));
    }

    [Theory]
    [InlineData("v@:/d")]
    [InlineData("@s:/d")]
    [InlineData("v@s@t:/d")]
    [InlineData("v@s/../t:/d")]
    [InlineData("v@..:/d")]
    [InlineData("v@s\n:/d")]
    [InlineData("v@s:/d:rw")]
    [InlineData("v@s:/d:ro=0")]
    [InlineData("v@s:/d:nocopy")]
    [InlineData("v@s:/d:nocreate")]
    [InlineData("v@s:/d:owner=1:2")]
    [InlineData("v@s:/d:recursive")]
    [InlineData("v@s:/d:nocache")]
    [InlineData("v@s:/d:size=1")]
    [InlineData("type=tmpfs,source=v@s,destination=/d")]
    [InlineData("type=bind,source=v@s,destination=/d")]
    public void What_a_snapshot_cannot_be_is_a_mistake_of_usage(string text) =>
        Assert.Equal(ExitStatus.Usage, Assert.Throws<KvolException>(() => MountSpec.Parse(text)).Status);

    [Fact]
    public void A_path_of_the_host_may_have_the_sign_of_snapshots()
    {
        Assert.Equal(("/a@b", null), (MountSpec.Parse("/a@b:/d@e").HostPath, MountSpec.Parse("/a@b:/d@e").Snapshot));
        Assert.Equal("v", MountSpec.Parse("v:/d@e").LiveVolume?.Text);
    }

    [Theory]
    [InlineData("v:/d:idmap=/proc/1/ns/user,ro", "v:/d:ro,idmap=/proc/1/ns/user")]
    [InlineData("v@s:/d:idmap=/run//ns/./a", "v@s:/d:ro,idmap=/run/ns/a")]
    [InlineData("type=bind,source=/s,destination=/d,idmap=/run/ns", "/s:/d:idmap=/run/ns")]
    [Trait("System", "Linux")]
    public void A_user_namespace_is_a_path(string text, string written)
    {
        var spec = MountSpec.Parse(text);
        Assert.Equal(written, spec.Text);
        Assert.Equal(spec, MountSpec.Parse(written));
        Assert.True(spec.ShownFlags.HasFlag(Kvol.Native.MountFlags.IdMapped));
    }

    [Theory]
    [InlineData("v:/d:idmap")]
    [InlineData("v:/d:idmap=")]
    [InlineData("v:/d:idmap=ns/user")]
    [InlineData("v:/d:idmap=1000")]
    [InlineData("v:/d:idmap=/a\\:b")]
    [InlineData("v:/d:idmap=/a\\b")]
    [InlineData("v:/d:idmap=/a\0b")]
    [InlineData("v:/d:idmap=/a,idmap=/a")]
    [InlineData("type=tmpfs,destination=/d,idmap=/a")]
    public void A_wrong_user_namespace_is_a_mistake_of_usage_on_both_systems(string text) =>
        Assert.Equal(ExitStatus.Usage, Assert.Throws<KvolException>(() => MountSpec.Parse(text)).Status);

    [Fact]
    public void Both_forms_say_the_same()
    {
        Assert.Equal(MountSpec.Parse("v:/d:ro,nocopy,nocreate,subpath=a//b/"),
            MountSpec.Parse("type=volume,source=v,destination=/d,readonly,volume-nocopy,nocreate,volume-subpath=a/./b"));
        Assert.Equal(MountSpec.Parse("/s:/d:recursive,create-source"), MountSpec.Parse("src=/s,dst=/d,recursive,create-source=true"));
        var spec = MountSpec.Parse("v:/d:nocopy,nocreate,subpath=a/b");
        Assert.Equal((true, true, false, false, "a/b", "v/a/b", "volume"), (spec.NoCopy, spec.NoCreate, spec.Recursive, spec.CreateSource,
            spec.Subpath, spec.SourceText, spec.TypeText));
    }

    [Theory]
    [InlineData("type=tmpfs,destination=/tmp", "type=tmpfs,destination=/tmp")]
    [InlineData("type=tmpfs,source=tmpfs,dst=/t,tmpfs-size=2048k,tmpfs-mode=755,U=1:2,ro",
        "type=tmpfs,destination=/t,ro,size=2M,mode=0755,owner=1:2")]
    [InlineData("v:/d:owner=1:2,ro", "v:/d:ro,owner=1:2")]
    [InlineData("type=volume,source=v,destination=/d,U=1", "v:/d:owner=1")]
    public void Own_options_are_written_as_they_are_read(string text, string written)
    {
        Assert.Equal(written, MountSpec.Parse(text).Text);
        Assert.Equal(MountSpec.Parse(text), MountSpec.Parse(written));
    }

    [Fact]
    public void Parents_are_less_deep_than_what_lies_in_them()
    {
        Assert.Equal([1, 2, 3], new[] { "v:/a", "v:/a//b/", "v:/a/b/./c" }.Select(s => MountSpec.Parse(s).Depth));
    }

    [Theory]
    [InlineData("")]
    [InlineData("v")]
    [InlineData(":/d")]
    [InlineData("v:")]
    [InlineData("v:/")]
    [InlineData("v:d")]
    [InlineData("v:/d:ro:x")]
    [InlineData("v:/d:")]
    [InlineData("v:/d:ro,rw")]
    [InlineData("v:/d:ro,,nosuid")]
    [InlineData("v:/d:nosuid=maybe")]
    [InlineData("v:/d:readonly")]
    [InlineData("v:/d:create-source")]
    [InlineData("v:/d:subpath=a,subpath=b")]
    [InlineData("v:/d:subpath")]
    [InlineData("v:/d:nocopy,nocopy=false")]
    [InlineData("/s:/d:nocreate")]
    [InlineData("/s:/d:subpath=a")]
    [InlineData("a b:/d")]
    [InlineData("v:/\uFFFD")]
    [InlineData("v:/d:subpath=ab\uFFFD")]
    [InlineData("type=tmpfs,source=v,destination=/d")]
    [InlineData("type=bind,source=v,destination=/d")]
    [InlineData("type=volume,source=/s,destination=/d")]
    [InlineData("source=v")]
    [InlineData("source=,destination=/d")]
    [InlineData("destination=/d")]
    [InlineData("source=v,src=w,destination=/d")]
    [InlineData("source=v,destination=/d,bogus=1")]
    [InlineData("v:/a/..")]
    [InlineData("v:/a/../../b")]
    [InlineData("v:/d:subpath=/abs")]
    [InlineData("v:/d:subpath=a/..")]
    [InlineData("v:/d:ro=maybe")]
    [InlineData("/s:/d:nocopy")]
    [InlineData("type=volume,type=bind,source=v,destination=/d")]
    public void A_wrong_one_is_64(string text)
    {
        Assert.Equal(ExitStatus.Usage, Assert.Throws<KvolException>(() => MountSpec.Parse(text)).Status);
    }

    [Fact]
    [Trait("System", "Linux")] // chance comes from the system
    public void Random_names_are_valid_and_differ()
    {
        var (a, b) = (VolumeName.Random(), VolumeName.Random());
        Assert.NotEqual(a, b);
        Assert.True(VolumeName.IsValid(a.Text) && a.Text.Length == 12);
    }

    [Fact]
    public void Every_bad_name_is_invalid()
    {
        Assert.All(Support.Names.BadVolumes, n => Assert.False(VolumeName.IsValid(n), n));
    }
}
