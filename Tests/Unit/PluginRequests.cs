using System;
using System.Linq;
using System.Text;
using Kvol.Storage.Values;
using Kvol.Storage.Verbs;
using Xunit;

namespace Kvol.Tests.Unit;

/// <summary>Bodies of the volume plugin protocol are read as Docker and podman write them.</summary>
public class PluginRequests(ITestOutputHelper output)
{
    private static PluginRequest Parse(string text) => PluginRequest.Parse(Encoding.UTF8.GetBytes(text));

    [Theory]
    [InlineData("")]
    [InlineData("{}\n")]
    [InlineData(" \r\n")]
    [InlineData("""{"Name":"web","ID":"x","Opts":null}""")]
    [InlineData("""{"Name":null,"ID":null}""")]
    [InlineData("""{"More":{"deep":[1,{"x":null}],"y":1.5},"Name":"web","ID":"x"}""")]
    public void A_body_may_be_empty_or_have_more_keys(string text)
    {
        var request = Parse(text);
        Assert.Empty(request.Options);
        Assert.Equal(text.Contains("web") ? "web" : null, request.Name);
        Assert.Equal(text.Contains("web") ? "x" : null, request.Id);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("{}{}")]
    [InlineData("""{"Name":1}""")]
    [InlineData("""{"Name":"a","Name":"b"}""")]
    [InlineData("""{"Name":"a\u0000b"}""")]
    [InlineData("""{"Name":"\ud800"}""")]
    [InlineData("""{"Opts":[]}""")]
    [InlineData("""{"Opts":{"a":1}}""")]
    [InlineData("""{"Opts":{"a":"1","a":"2"}}""")]
    [InlineData("""{"x":[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]}""")]
    public void A_body_of_another_form_is_refused(string text)
    {
        var error = Assert.Throws<KvolException>(() => Parse(text));
        Assert.Equal(ExitStatus.Damaged, error.Status);
        Assert.StartsWith("request: line 1: ", error.Message);
    }

    [Fact]
    public void Options_are_those_of_create()
    {
        var wanted = Parse("""
            {"Name":"web","Opts":{"label":"tier=front","label.team":"a=b","quota":"10G","owner":"80:81","mode":"0750",
            "compression":"zstd","recordsize":"16K"}}
            """).Wanted();
        Assert.Equal(["team=a=b", "tier=front"], wanted.Labels!.Select(l => $"{l.Key}={l.Value}"));
        Assert.Equal(10ul << 30, wanted.Quota);
        Assert.Equal((80u, 81u, Convert.ToUInt32("750", 8)), (wanted.Uid!.Value, wanted.Gid!.Value, wanted.Mode!.Value));
        Assert.Equal(["compression=zstd", "recordsize=16K"], wanted.Properties!);
        Assert.Equal("", Parse("""{"Opts":{"label":"keep"}}""").Wanted().Labels!["keep"]);
    }

    [Theory]
    [InlineData("size", "1G")]
    [InlineData("o", "compression=zstd")]
    [InlineData("", "x")]
    [InlineData("mountpoint", "/x")]
    [InlineData("snapshots", "hourly:1")]
    [InlineData("Quota", "1G")]
    [InlineData("quota", "lots")]
    [InlineData("owner", "www")]
    [InlineData("mode", "rwx")]
    [InlineData("label", "")]
    [InlineData("label.", "x")]
    [InlineData("label.Upper", "x")]
    public void An_unknown_option_or_a_wrong_value_is_named(string option, string value)
    {
        var request = Parse($$$"""{"Opts":{"{{{option}}}":"{{{value}}}"}}""");
        var error = Assert.Throws<KvolException>(request.Wanted);
        Assert.Equal(ExitStatus.Usage, error.Status);
        Assert.Contains(option, error.Message);
    }

    [Fact]
    public void One_label_cannot_have_two_values()
    {
        Assert.Throws<KvolException>(Parse("""{"Opts":{"label":"a=1","label.a":"2"}}""").Wanted);
    }

    [Fact]
    public void A_missing_name_or_client_is_named()
    {
        Assert.Contains("Name is missing", Assert.Throws<KvolException>(() => Parse("{}").Volume).Message);
        Assert.Contains("ID is missing", Assert.Throws<KvolException>(() => Parse("""{"ID":""}""").Client).Message);
        Assert.Throws<KvolException>(() => Parse("""{"Name":"../etc"}""").Volume);
    }

    [Fact]
    public void Changed_bodies_are_read_or_refused()
    {
        new Fuzzer(output).FuzzJson("bodies of the plugin protocol",
        [
            """{"Name":"web","Opts":{"label.a":"b","quota":"1G","owner":"1:2","mode":"755","atime":"off"}}""",
            """{"Name":"web","ID":"0123abc"}""",
        ], bytes =>
        {
            var request = PluginRequest.Parse(bytes);
            _ = request.Volume;
            _ = request.Wanted();
            _ = request.Client;
        });
    }
}
