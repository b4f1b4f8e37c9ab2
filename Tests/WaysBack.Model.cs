using System;
using System.IO;
using System.Linq;
using System.Text.Json;
using Kvol.Tests.Support;
using Kvol.Tests.Torture;
using Xunit;

namespace Kvol.Tests;

/// <content>Random sequences of verbs.</content>
public partial class WaysBack
{
    [Fact]
    public void Each_printed_way_back_brings_back_what_there_was_or_says_what_overtook_it()
    {
        var campaign = new Campaign(output, "ways back");
        // Processes share the long run.
        var shares = Campaign.Size("SHARES", 1);
        var random = new Random((int)(Campaign.Seed + Campaign.Size("SHARE", 0)));
        using var box = Trash("xfs");
        var model = new WaysOut(new InDirectory(box), random, campaign);
        for (var n = 0; n < 2; n++)
        {
            model.Run(steps: 60);
        }

        for (var n = Campaign.Size("WAYS", 10) / shares; n > 0; n--)
        {
            model.Run(steps: 8);
        }

        box.Run("gc").Ok();
        if (Sys.List(box.Store + "/volumes").FirstOrDefault(v => v.Length > 1) is { } left)
        {
            campaign.Wrong(Bad.Litter, left, "gc");
        }

        Assert.True(model.Returned > 5, $"only {model.Returned} ways back were open");
        campaign.End();
    }

    private sealed class InDirectory(Box box) : IWaysStore
    {
        public Result Run(params string[] arguments) => box.Run(arguments);

        public Result Shell(string script) => box.Shell(script);

        public bool Has(string volume) => Sys.Exists($"{box.Store}/volumes/{volume}");

        public void Write(string volume, int file, int number) => Sys.Write($"{box.Data(volume)}/f{file}", BitConverter.GetBytes(number));

        public (string Content, string Labels) StateOf(string volume)
        {
            var files = Directory.GetFiles(box.Data(volume)).Order(StringComparer.Ordinal);
            using var metadata = JsonDocument.Parse(File.ReadAllText(box.Metadata(volume)));
            return (string.Join(' ', files.Select(f => Path.GetFileName(f) + "=" + Convert.ToHexString(File.ReadAllBytes(f)))),
                metadata.RootElement.GetProperty("labels").GetRawText());
        }
    }
}
