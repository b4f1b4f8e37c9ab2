using System;
using System.IO;
using System.Linq;
using System.Runtime.CompilerServices;
using Kvol.Native;
using Kvol.Storage.Stores;
using Xunit;

namespace Kvol.Tests.Unit;

/// <summary>Lists of names and values as the kernel packed them: answers of ZFS_IOC_OBJSET_STATS, captured in the test machine.</summary>
public class PackedLists
{
    [Fact]
    public void A_dataset_has_the_properties_that_were_set()
    {
        var volume = Stats("volume", "p1/kvol/volumes/v");
        Assert.Equal(100UL << 20, volume.Number("refquota"));
        Assert.Equal("www", volume.Own("kvol:label.app"));
        Assert.Equal("p1/kvol/volumes/v", volume.SourceOf("refquota"));
        Assert.Equal("/tmp/p1/root/srv", SeedJson.Parse(volume.Own("kvol:seed"))?.Source);
        Assert.Null(volume.SourceOf("compression"));
        Assert.Null(volume.Text("no:such"));
    }

    [Fact]
    public void A_snapshot_tells_which_clones_stand_on_it()
    {
        var snapshot = Stats("snapshot", "p1/kvol/volumes/v@s1");
        Assert.Equal(["p1/kvol/volumes/c"], snapshot.CloneNames);
        Assert.Equal("p1/kvol/volumes/v@s1", Stats("clone", "p1/kvol/volumes/c").Text("origin"));
    }

    [Theory]
    [InlineData("volume")]
    [InlineData("snapshot")]
    [InlineData("clone")]
    public void Every_name_is_found_and_none_beside_them(string file)
    {
        var list = new PackedList(Captured(file));
        var names = list.Names().ToArray();
        Assert.True(names.Length > 10, string.Join(' ', names));
        Assert.Equal(names.Length, names.Distinct().Count());
        Assert.All(names, n => Assert.True(list.Has(n)));
        Assert.All(names, n => Assert.False(list.Has(n[..^1] + "\u00fc")));
        Assert.All(names, n => Assert.False(list.Has(n + "x")));
        Assert.Equal(names.Where(n => n.StartsWith("kvol:", StringComparison.Ordinal)), list.Names("kvol:"));
        // An empty list stands among the others: of a dataset that is not redacted.
        Assert.Empty(list.Inner("redact_snaps")!.Names());
        Assert.All(names.Where(n => n != "redact_snaps"), n => Assert.True(list.Inner(n)!.Has("value")));
    }

    [Fact]
    public void A_number_is_no_text_and_a_text_is_no_number()
    {
        var list = new PackedList(Captured("volume"));
        Assert.Null(list.Text("refquota", "value"));
        Assert.Null(list.Number("kvol:label.app", "value"));
        Assert.Null(list.Number("refquota")); // a list
        Assert.Null(list.Inner("refquota")!.Inner("value"));
        Assert.Equal(list.Number("refquota", "value"), list.Inner("refquota")!.Number("value"));
    }

    [Fact]
    public void The_empty_list_has_nothing_in_it()
    {
        var empty = new PackedList(PackedList.Empty);
        Assert.Empty(empty.Names());
        Assert.Null(empty.Number("x"));
    }

    private static DatasetStats Stats(string file, string name) =>
        new(name, DatasetType.FileSystem, 1, 1, 0, false, new PackedList(Captured(file)));

    private static byte[] Captured(string name, [CallerFilePath] string here = "") => Convert.FromHexString(
        string.Concat(File.ReadLines(Path.Combine(Path.GetDirectoryName(here)!, "Captured", name + ".hex"))));
}
