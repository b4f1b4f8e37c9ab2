using System;
using System.Linq;
using System.Text;
using System.Text.Json.Nodes;
using Kvol.Storage.Archives;
using Kvol.Storage.Mounts;
using Kvol.Storage.Values;
using Xunit;

namespace Kvol.Tests.Unit;

/// <summary>The configuration of a container is read with distrust, and changed nowhere but where a mount is added.</summary>
public class OciConfigs
{
    private const string Annotated = "\"annotations\":{\"org.kvol.volume.1\":\"v:/v\"}";

    [Theory]
    [InlineData("{A}", "{\"mounts\":[N],A}")]
    [InlineData("{A,\"mounts\":null}", "{A,\"mounts\":[N]}")]
    [InlineData("{A,\"mounts\":[ ]}", "{A,\"mounts\":[N]}")]
    [InlineData("{A,\"mounts\":[{\"destination\":\"/x\"} ]}", "{A,\"mounts\":[{\"destination\":\"/x\"},N ]}")]
    [InlineData("{A,\"mounts\":[{\"destination\":\"/a/b/c\"}]}", "{A,\"mounts\":[N,{\"destination\":\"/a/b/c\"}]}")]
    [InlineData("{A,\"mounts\":[{\"destination\":\"/\"}, {\"destination\":\"a\"},{\"destination\":\"/a/b/../b/c/\"}]}",
        "{A,\"mounts\":[{\"destination\":\"/\"}, {\"destination\":\"a\"},N,{\"destination\":\"/a/b/../b/c/\"}]}")]
    [InlineData("{A,\"mounts\":[{\"destination\":\"/a/b/c\"},{\"destination\":\"/a\"}]}",
        "{A,\"mounts\":[{\"destination\":\"/a/b/c\"},{\"destination\":\"/a\"},N]}")]
    public void A_mount_is_added_before_what_lies_in_it_and_after_what_would_cover_it(string before, string after)
    {
        var config = Parse(before.Replace("A", Annotated));
        var text = Encoding.UTF8.GetString(OciEdit.Of(config, ("k", "v"), [new NewOciMount("/a/b", "bind", "/s", ["rw"])]));
        Assert.Equal(after.Replace("A", Annotated.Replace("{", "{\"k\":\"v\","))
            .Replace("N", "{\"destination\":\"/a/b\",\"type\":\"bind\",\"source\":\"/s\",\"options\":[\"rw\"]}"), text);
    }

    [Fact]
    public void Several_mounts_are_added_the_outer_ones_first_and_their_texts_are_escaped()
    {
        var config = Parse($"{{{Annotated},\"mounts\":[{{\"destination\":\"/a/x\"}}]}}");
        var text = OciEdit.Of(config, ("k", "\"\n"), [New("/a/x/y"), New("/a/é\""), New("/a"), New("/z")]);
        var json = JsonNode.Parse(text)!;
        Assert.Equal("\"\n", (string?)json["annotations"]!["k"]);
        Assert.Equal("/a /a/x /z /a/é\" /a/x/y", string.Join(' ', json["mounts"]!.AsArray().Select(m => (string?)m!["destination"])));

        static NewOciMount New(string destination) => new(destination, "bind", "/s\\", []);
    }

    [Theory]
    [InlineData("", "not valid JSON")]
    [InlineData("{", "not valid JSON")]
    [InlineData("{} {}", "not valid JSON")]
    [InlineData("{}x", "not valid JSON")]
    [InlineData("{,}", "not valid JSON")]
    [InlineData("{\"a\":1,}", "not valid JSON")]
    [InlineData("{/**/}", "not valid JSON")]
    [InlineData("{\"a\":NaN}", "not valid JSON")]
    [InlineData("\n\n{\"a\":01}", "line 3")]
    [InlineData("[]", "an object")]
    [InlineData("null", "an object")]
    [InlineData("{\"mounts\":[],\"mounts\":[]}", "twice")]
    [InlineData("{\"annotations\":{\"a\":\"1\",\"\\u0061\":\"2\"}}", "twice")]
    [InlineData("{\"mounts\":[{\"destination\":\"/a\",\"destination\":\"/b\"}]}", "twice")]
    [InlineData("{\"root\":{\"path\":\"/a\",\"path\":\"/b\"}}", "twice")]
    [InlineData("{\"annotations\":[]}", "annotations")]
    [InlineData("{\"annotations\":{\"org.kvol.volume.1\":1}}", "org.kvol.volume.1")]
    [InlineData("{\"annotations\":{\"org.kvol.volume.1\":\"a\\u0000\"}}", "NUL")]
    [InlineData("{\"annotations\":{\"org.kvol.volume.1\":\"\\ud800\"}}", "Unicode")]
    [InlineData("{\"annotations\":{\"\\udc00\":\"\"}}", "Unicode")]
    [InlineData("{\"mounts\":{}}", "mounts")]
    [InlineData("{\"mounts\":[1]}", "a mount")]
    [InlineData("{\"mounts\":[{}]}", "destination")]
    [InlineData("{\"mounts\":[{\"destination\":\"\"}]}", "destination")]
    [InlineData("{\"mounts\":[{\"destination\":1}]}", "destination")]
    [InlineData("{\"root\":{\"path\":null}}", "root")]
    public void Bad_input_is_an_error_of_its_own(string text, string words)
    {
        var error = Assert.Throws<KvolException>(() => Parse(text));
        Assert.Equal(ExitStatus.Damaged, error.Status);
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_that_are_no_UTF_8_and_a_text_that_is_too_deep_are_errors()
    {
        byte[] text = [.. "{\"annotations\":{\"org.kvol.volume.1\":\"a"u8, 0xff, .. "\"}}"u8];
        Assert.Throws<KvolException>(() => OciDocument.Parse(text, "x"));
        Assert.Throws<KvolException>(() => Parse("{\"a\":" + new string('[', 100) + new string(']', 100) + "}"));
    }

    [Theory]
    [InlineData("/a//b/./c/../d/", "/a/b/d")]
    [InlineData("a", "/a")]
    [InlineData("/../..", "/")]
    public void Destinations_are_compared_in_one_form(string path, string normal) => Assert.Equal(normal, OciDocument.Normal(path));

    [Fact]
    public void The_file_of_a_holder_tells_the_holder()
    {
        foreach (var id in (string[])["a", "é:-x", new string('x', 100), "9af3"])
        {
            var holder = Holder.Parse(Holder.Plugin, id);
            Assert.True(holder.File.Length <= 220 && holder.File.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.'));
            Assert.Equal(holder, Holder.OfFile(holder.File));
        }

        foreach (var name in (string[])["x", "oci-.json", "oci-6.json", "oci-6G.json", "oci-2f.json", "web-61.json", "oci-61.jsonx",
            "oci-FF.json", ".oci-61.json", "oci-6A.json", "oci-ff.json"])
        {
            Assert.Null(Holder.OfFile(name));
        }

        foreach (var id in (string[])["", "a/b", "-x", "..", "a b", "a\n", new string('x', 101)])
        {
            Assert.Throws<KvolException>(() => Holder.Parse(Holder.Oci, id));
        }
    }

    private static OciDocument Parse(string text) => OciDocument.Parse(Encoding.UTF8.GetBytes(text), "standard input");
}
