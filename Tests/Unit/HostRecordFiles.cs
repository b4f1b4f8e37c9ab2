using System;
using System.Collections.Generic;
using System.Text;
using System.Text.Json;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Stores;
using Kvol.Storage.Values;
using Xunit;

namespace Kvol.Tests.Unit;

/// <summary>What a host says in a shared store of a volume that it uses; another host may have written it, in another version.</summary>
public class HostRecordFiles
{
    private static readonly KnownHost Host = new(HostId.Parse("7f5d"), "web1");

    private static readonly HostUse Mount = new("/jails/www", "/srv", "/jails/www/srv", "www", IsReadOnly: true);

    private const string Good = """{"version":1,"host":"web1","boot":"b","uses":[{"root":null,"destination":null,"path":"/p","jail":null,"""
        + """ "snapshot":null,"holder":"plugin:one","read_only":false}]}""";

    [Fact]
    public void It_is_read_as_it_was_written()
    {
        var record = new HostRecord(Host, "boot", VolumeName.Parse("web"),
            [Mount with { RootIdentity = new FileIdentity(0xfe01, ulong.MaxValue) },
                Mount with { Path = "/x\u00e9", Jail = null, Snapshot = "one" },
                new HostUse(null, null, "/store/web", null, IsReadOnly: false) { Holder = "plugin:one" }])
        { Store = "/net/kvol" };
        var read = Read(Encoding.UTF8.GetString(StateFile.Text(record.Write)));
        Assert.True(record.Says(read));
        Assert.False(record.Says(read with { Uses = [Mount] }));
        Assert.False(record.Says(read with { Boot = "other" }));
        Assert.False(record.Says(read with { Store = null }));
        Assert.False(read.IsReadOnly);
        Assert.True(read.Of("one") is { IsReadOnly: true, Uses: [{ Path: "/x\u00e9" }] });
        Assert.Equal(2, read.Of(null).Uses.Count);
        Assert.Equal("plugin:one", Assert.Single(Read(Good).Uses).Holder);
        Assert.Null(Read(Good).Store); // of an earlier version
    }

    [Theory]
    [InlineData("", null)] // of an earlier version
    [InlineData("\"root_id\":null,", null)]
    [InlineData("\"root_id\":\"fe01-2\",", 0xfe01ul)]
    public void A_root_directory_is_known_by_more_than_its_path(string text, ulong? device) =>
        Assert.Equal(device, Assert.Single(Read(Good.Replace("\"jail\"", text + "\"jail\"", StringComparison.Ordinal)).Uses)
            .RootIdentity?.Device);

    [Theory]
    [InlineData("\"version\":1", "\"version\":2")]
    [InlineData("\"version\":1", "\"version\":\"1\"")]
    [InlineData("\"version\":1,", "")]
    [InlineData("\"host\":\"web1\"", "\"host\":null")]
    [InlineData("\"boot\":\"b\"", "\"boot\":7")]
    [InlineData("\"uses\":[", "\"other\":[")]
    [InlineData("\"uses\":[", "\"store\":7,\"uses\":[")]
    [InlineData("\"path\":\"/p\"", "\"path\":null")]
    [InlineData("\"read_only\":false", "\"read_only\":\"no\"")]
    [InlineData("\"holder\":\"plugin:one\"", "\"holder\":[]")]
    [InlineData("\"snapshot\":null,", "")]
    [InlineData("\"snapshot\":null,", "\"snapshot\":null,\"root_id\":7,")]
    [InlineData("\"snapshot\":null,", "\"snapshot\":null,\"root_id\":\"/jails/www\",")]
    [InlineData("\"jail\":null", "\"jail\":\"\\ud800\"")]
    public void Anything_else_is_damaged(string from, string to)
    {
        Assert.Contains(from, Good, StringComparison.Ordinal);
        var error = Record.Exception(() => Read(Good.Replace(from, to, StringComparison.Ordinal)));
        Assert.True(error is InvalidOperationException or FormatException or ArgumentException or KeyNotFoundException, $"{error}");
    }

    private static HostRecord Read(string json)
    {
        using var document = JsonDocument.Parse(json);
        return HostRecord.Read(document.RootElement, Host.Id, VolumeName.Parse("web"));
    }
}
