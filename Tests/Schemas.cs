using System.IO;
using System.Linq;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

/// <summary>What kvol prints as JSON fits the schemas in docs/schema.</summary>
public class Schemas
{
    [Fact]
    public void What_is_printed_fits_its_schema()
    {
        using var box = new Box();
        var src = box.MakeDir("src");
        new Tree(new Dir("srv"), new Text("srv/a", "12345")).Build(box.Root);
        box.Run("create", "web", "-l", "tier=front").Ok();
        box.Run("create").Ok();
        Fits("mounts", box.Run("mounts", "--json").Ok());
        Fits("mounted", box.Run("attach", "--json", "www", box.Root, "web:/srv", src + ":/src:ro,nosuid").Ok());
        Fits("mounted", box.Mount("--json", "web:/srv", "new:/new").Ok());
        Fits("mounts", box.Run("mounts", "--json").Ok());
        Fits("inspect", box.Run("inspect", "web", "new").Ok());
        Fits("inspect", box.Run("ls", "--json").Ok());
        var dump = box.Run("dump").Ok();
        Fits("apply", dump);
        var file = box.MakeFile("host.json", dump.Out.Replace("front", "back").Replace("/new", "/other").Replace("\"new\"", "\"more\""));
        var diff = box.Run("diff", "--json", file);
        Assert.Equal(2, diff.Exit);
        Fits("steps", diff);
        Assert.Contains("\"create\"", diff.Out, System.StringComparison.Ordinal);
        Fits("steps", box.Run("apply", "--json", "--prune", file).Ok());
    }

    [Theory]
    [InlineData("{}", "$: version is missing")]
    [InlineData("{\"version\": 1, \"volume\": []}", "$.volume: is not known")]
    [InlineData("{\"version\": 2}", "$.version: is not 1")]
    [InlineData("{\"version\": 1, \"volumes\": [{\"name\": \"a/b\"}]}", "$.volumes[0].name: a/b does not match")]
    [InlineData("{\"version\": 1, \"volumes\": [{\"name\": \"a\", \"quota\": -1}]}", "$.volumes[0].quota: is -1")]
    [InlineData("{\"version\": 1, \"roots\": [{\"rootdir\": \"/a\", \"mounts\": [7]}]}", "$.roots[0].mounts[0]: is Number")]
    public void What_apply_refuses_does_not_fit(string text, string error)
    {
        Assert.Equal(error, JsonSchema.Read("apply").Errors(text)[0]);
        using var box = new Box();
        box.Run("diff", box.MakeFile("host.json", text)).Refused(65, "host.json: line 1");
    }

    [Fact]
    public void The_example_in_the_manual_page_fits()
    {
        var lines = File.ReadAllLines(SourceTree.Top + "/docs/kvol-apply.8")
            .SkipWhile(l => !l.StartsWith(".Bd", System.StringComparison.Ordinal));
        Assert.Empty(JsonSchema.Read("apply").Errors(string.Join('\n', lines.Skip(1).TakeWhile(l => l != ".Ed"))));
    }

    private static void Fits(string schema, Result result) => Assert.Empty(JsonSchema.Read(schema).Errors(result.Out));
}
