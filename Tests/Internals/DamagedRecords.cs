using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Mounts;
using Kvol.Storage.Stores;
using Kvol.Storage.Values;
using Kvol.Tests.Support;
using Kvol.Tests.Unit;
using Xunit;

namespace Kvol.Tests.Internals;

/// <summary>What kvol itself writes and an administrator edits, changed at random as a failing disk or an editor does.</summary>
[Trait("System", "Linux")]
public sealed class DamagedRecords : IDisposable
{
    private const string Seed = """{"source":"/x","at":"2026-01-02T03:04:05Z","files":1,"bytes":2,"ended":"2026-01-02T03:04:06Z","""
        + """ "not_kept_count":1,"not_kept":["p: w"]}""";

    private const string Identity = "10302-123";

    private static readonly string[] VolumeFiles =
    [
        """{"version": 1, "name": "v", "created": "2026-01-02T03:04:05.678901Z", "anonymous": false, "labels": {"a": "b"}, "seed": """
            + """null, "takes": "owner,mode"}""",
        $$$"""{"version":2,"name":"v","created":"2026-01-02T03:04:05Z","anonymous":true,"labels":{"a":"1","b":"2"},"seed":{{{Seed}}},"""
            + $$$""" "seeding":{{{Seed}}}}""",
        """{"version":3,"name":"v","created":"2026-01-02T03:04:05Z","anonymous":true,"labels":{},"seed":null,"snapshots":"hourly:1"}""",
        $$$"""{"version":1,"name":"v","created":"2026-01-02T03:04:05Z","anonymous":true,"labels":{},"seed":{{{Seed}}},"""
            + $$$""" "deletion":{"at":"2026-01-02T03:04:05Z","until":"2026-01-02T03:04:05Z"}}""",
    ];

    private readonly Fuzzer fuzzer;
    private readonly string top = Disks.On("tmpfs") + "/records";
    private readonly Configuration configuration;

    public DamagedRecords(ITestOutputHelper output)
    {
        fuzzer = new Fuzzer(output);
        configuration = new Configuration(top + "/store", null, true, 1, top + "/run", top + "/kvol.conf");
        foreach (var directory in new[] { "", "/store", "/store/volumes", "/store/volumes/v", "/store/volumes/v/data", "/store/deleted",
            "/store/deleted/abc", "/run", "/run/roots" })
        {
            Sys.Mkdir(top + directory, 0b111_000_000);
        }

        Sys.Write(top + "/store/store.json", """{"version": 1, "id": "0123456789abcdef"}"""u8.ToArray());
        Sys.Write(top + "/store/volumes/v/volume.json", Encoding.UTF8.GetBytes(VolumeFiles[0]));
    }

    [Fact]
    public void What_is_known_of_a_store() => fuzzer.FuzzJson("store.json", ["""{"version": 1, "id": "0123456789abcdef"}"""], bytes =>
    {
        Sys.Write(top + "/store/store.json", bytes);
        using var store = OpenStore();
    });

    [Fact]
    public void What_is_known_of_a_volume()
    {
        using var store = OpenStore();
        fuzzer.FuzzJson("volume.json", VolumeFiles, bytes =>
        {
            Sys.Write(top + "/store/volumes/v/volume.json", bytes);
            _ = store.List(_ => { });
            _ = store.Find(VolumeName.Parse("v"));
        });
    }

    [Fact]
    public void What_is_known_of_a_deleted_volume()
    {
        using var store = OpenStore();
        fuzzer.FuzzJson("deleted records", VolumeFiles[3..], bytes =>
        {
            Sys.Write(top + "/store/deleted/abc/volume.json", bytes);
            _ = store.Deleted((_, _) => { });
        });
    }

    [Fact]
    public void A_key_that_is_no_text_is_damage_like_any_other()
    {
        using var store = OpenStore();
        Sys.Write(top
            + "/store/volumes/v/volume.json",
            Encoding.UTF8.GetBytes(VolumeFiles[3].Replace("deletion", "del\\ud800etion", StringComparison.Ordinal)));
        Assert.Equal(ExitStatus.Damaged, Assert.Throws<KvolException>(() => store.Find(VolumeName.Parse("v"))).Status);
    }

    [Fact]
    public void What_was_mounted()
    {
        var mount = """{"id":7,"target":"/j/srv","origin":"8:1:/s","type":"volume","source":"v","destination":"/srv","jail":"www","""
            + """ "recursive":false,"inner":[8,9]}""";
        var attachment = """{"jail":"www","created":"2026-01-02T03:04:05Z","uptime":5,"starter":{"pid":1,"start":2},"process":null,"""
            + """ "jid":3,"specs":["v:/srv"]}""";
        var good = $$"""{"boot":"{{Host.BootId}}","root":"/j","attachments":[{{attachment}}],"mounts":[{{mount}},{{mount.Replace("\"www\"",
            "null", StringComparison.Ordinal)}}]}""";
        using var records = RunRecords.Open(configuration, Upkeep.Quiet);
        fuzzer.FuzzJson("run records", [good], bytes =>
        {
            Sys.Write($"{top}/run/roots/{Identity}.json", bytes);
            _ = records.All();
            _ = records.OfOtherBoots(new HashSet<FileIdentity>());
        });
    }

    public void Dispose() => Tool.Run("rm", "-rf", "--one-file-system", top);

    private DirectoryStore OpenStore() => StoreDirectory.Open(configuration, create: false, Upkeep.Quiet)
        ?? throw new KvolException(ExitStatus.Damaged, top, "the store is not there");
}
