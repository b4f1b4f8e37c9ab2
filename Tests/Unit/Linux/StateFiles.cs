using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Mounts;
using Kvol.Storage.Stores;
using Kvol.Storage.Values;
using Kvol.Storage.Verbs;
using Xunit;

namespace Kvol.Tests.Unit;

/// <summary>The JSON files in which kvol remembers, whole and damaged, in a directory of the test's own.</summary>
[Trait("System", "Linux")]
public sealed class StateFiles : IDisposable
{
    private static readonly DateTimeOffset At = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly VolumeName V = VolumeName.Parse("v");

    private readonly string top = Directory.CreateTempSubdirectory("kvol-unit-").FullName;
    private readonly Fd directory;

    public StateFiles() => directory = Files.OpenDirectory(new ByteString(top));

    [Fact]
    public void A_volume_is_read_as_it_was_written()
    {
        var seed = new SeedRecord("/jails/www/srv", At, 3, 4096, ["p: no ACL"]);
        var volume = new VolumeFile(V, At, true, new Dictionary<string, string> { ["a"] = "b\u00e9\n\"", ["c"] = "" }, seed)
        {
            Takes = TopParts.Mode,
            Deletion = new DeletionRecord(At, At.AddDays(7)),
        };
        volume.Write(directory);
        var read = VolumeFile.Read(directory, V);
        Assert.Equal((V, At, true, TopParts.Mode, volume.Deletion, null), (read.Name, read.Created, read.Anonymous,
            read.Takes, read.Deletion, read.Seeding));
        Assert.Equal(volume.Labels, read.Labels);
        Assert.Equal((seed.Source, seed.At, 3L, 4096L, 1), (read.Seed!.Source, read.Seed.At, read.Seed.Files, read.Seed.Bytes,
            read.Seed.NotKeptCount));
        Assert.Equal(seed.NotKept, read.Seed.NotKept);
        Assert.Equal(["volume.json"], Directory.GetFileSystemEntries(top).Select(Path.GetFileName));
    }

    [Fact]
    public void A_volume_that_is_being_seeded_has_a_version_that_an_older_kvol_leaves_alone()
    {
        var seed = new SeedRecord("/srv", At, 1, 2, []);
        new VolumeFile(V, At, false, new Dictionary<string, string>(), null) { Seeding = seed }.Write(directory);
        Assert.Contains("\"version\": 2", File.ReadAllText(top + "/volume.json"));
        Assert.Equal("/srv", VolumeFile.Read(directory, V).Seeding!.Source);
    }

    [Theory]
    [InlineData("hourly:24")]
    [InlineData("written by a newer kvol")]
    public void A_policy_is_kept_beside_a_seeding_and_an_older_kvol_leaves_the_volume_alone(string policy)
    {
        var seed = new SeedRecord("/srv", At, 1, 2, []);
        var volume = new VolumeFile(V, At, false, new Dictionary<string, string>(), null) { Policy = policy, Seeding = seed };
        volume.Write(directory);
        Assert.Contains("\"version\": 3", File.ReadAllText(top + "/volume.json"));
        Assert.Equal((policy, "/srv"), (VolumeFile.Read(directory, V).Policy, VolumeFile.Read(directory, V).Seeding!.Source));
        (VolumeFile.Read(directory, V) with { Seeding = null }).Write(directory);
        Assert.Equal((policy, null), (VolumeFile.Read(directory, V).Policy, VolumeFile.Read(directory, V).Seeding));
        (VolumeFile.Read(directory, V) with { Policy = null }).Write(directory);
        Assert.Contains("\"version\": 1", File.ReadAllText(top + "/volume.json"));
    }

    [Theory]
    [InlineData("", "not valid JSON")]
    [InlineData("{", "not valid JSON")]
    [InlineData("[]", "'version' is missing")]
    [InlineData("null", "'version' is missing")]
    [InlineData("""{"version":1}""", "'created' is missing")]
    [InlineData("""{"version":1,"created":"yesterday"}""", "'created' is missing")]
    [InlineData("""{"version":1,"created":"2026-01-02T03:04:05Z","anonymous":"no"}""", "'anonymous' is missing")]
    [InlineData("""{"version":1,"created":"2026-01-02T03:04:05Z","anonymous":true,"labels":{"a":1}}""", "'labels' is missing")]
    [InlineData("""{"version":1,"created":"2026-01-02T03:04:05Z","anonymous":true,"labels":{},"seed":{}}""", "'seed' is missing")]
    [InlineData("""{"version":2,"created":"2026-01-02T03:04:05Z","anonymous":true,"labels":{}}""", "'seeding' is missing")]
    [InlineData("""{"version":4}""", "was written by a newer kvol")]
    [InlineData("""{"version":1e99}""", "'version' is missing")]
    public void A_damaged_one_is_65_and_says_what_is_wrong(string text, string reason)
    {
        File.WriteAllText(top + "/volume.json", text);
        var failure = Assert.Throws<KvolException>(() => VolumeFile.Read(directory, V));
        Assert.Equal(ExitStatus.Damaged, failure.Status);
        Assert.StartsWith($"{top}/volume.json", failure.Message);
        Assert.Contains(reason, failure.Message);
        Assert.Equal(text, File.ReadAllText(top + "/volume.json"));
    }

    [Fact]
    public void A_file_that_is_missing_or_is_not_a_file_is_65_too()
    {
        Assert.Contains("is missing", Assert.Throws<KvolException>(() => VolumeFile.Read(directory, V)).Message);
        Directory.CreateDirectory(top + "/volume.json");
        Assert.Contains("not a regular file", Assert.Throws<KvolException>(() => VolumeFile.Read(directory, V)).Message);
        Directory.Delete(top + "/volume.json");
        File.CreateSymbolicLink(top + "/volume.json", "/etc/passwd");
        Assert.Equal(ExitStatus.Damaged, Assert.Throws<KvolException>(() => VolumeFile.Read(directory, V)).Status);
    }

    [Fact]
    public void What_a_crash_left_of_a_new_file_is_in_nobodys_way()
    {
        File.WriteAllText(top + "/.volume.json.new", "half");
        Assert.Equal(["volume.json"], StateFile.FindUnfinished(directory));
        new VolumeFile(V, At, false, new Dictionary<string, string>(), null).Write(directory);
        Assert.Empty(StateFile.FindUnfinished(directory));
        Assert.Equal(V, VolumeFile.Read(directory, null).Name);
    }

    [Fact]
    public void A_mount_and_an_attachment_are_read_as_they_were_written()
    {
        var mount = new RunRecord(7, "/j/srv", "8:1:/s", "volume", "v", "/srv", ["www", "two"], true,
            [new InnerMount(8, "8:2:/"), new InnerMount(9, "8:3:/")]) { UniqueId = 2147483651 };
        var plain = mount with { Jails = [], Inner = [], Id = RunRecord.Planned };
        var attachment = new Attachment("www", At, 5, new ProcessIdentity(1, 2), null, 3, ["v:/srv", "w:/a\\:b"]);
        Assert.Equal(Text(mount.Write), Text(Parse(Text(mount.Write), RunRecord.Read).Write));
        Assert.Equal(Text(plain.Write), Text(Parse(Text(plain.Write), RunRecord.Read).Write));
        Assert.Equal(["www", "two"], Parse(Text(mount.Write), RunRecord.Read).Jails);
        Assert.Equal((7UL, "www", 2), (Parse(Text(mount.Write), RunRecord.Read).Id, Parse(Text(mount.Write), RunRecord.Read).Jail,
            Parse(Text(mount.Write), RunRecord.Read).Inner.Count));
        foreach (var one in new[] { attachment, attachment with { JailId = null, Starter = null, Process = new ProcessIdentity(4, 5) } })
        {
            var text = Text(json => AttachmentJson.Write(json, one));
            var read = Parse(text, AttachmentJson.Read);
            Assert.Equal(one with { Specs = read.Specs }, read);
            Assert.Equal(one.Specs, read.Specs);
        }
    }

    [Theory]
    [InlineData("""{"id":7,"target":null}""")]
    [InlineData("""{"id":-7}""")]
    [InlineData("""[1]""")]
    [InlineData("""{"id":7,"target":"/j\u0000","origin":"","type":"","source":"","destination":"","jail":null,"inner":[]}""")]
    public void A_damaged_record_of_a_mount_counts_as_none(string text)
    {
        File.WriteAllText(top + "/record.json", text);
        Assert.Null(StateFile.TryRead(directory, "record.json", RunRecord.Read));
    }

    [Fact]
    public void Mount_points_are_read_as_they_were_written_and_a_damaged_list_counts_as_lost()
    {
        var root = new FileIdentity(0x10302, 0x123);
        var list = new MountPointList("/j", [new MadeMountPoint("/srv", new MadeObject(new FileIdentity(1, 2), new FileTime(3, 4)),
            new FileIdentity(5, 6), true)], [new PlannedMountPoint("/x", new FileTime(7, 0))]);
        MountPointRegistry.Write(directory, root, list, durable: false);
        var read = MountPointRegistry.Read(directory, root);
        Assert.Equal((list.Root, list.Made[0], list.Planned[0]), (read.Root, Assert.Single(read.Made), Assert.Single(read.Planned)));
        Assert.Equal([(root, "/j")], MountPointRegistry.Roots(directory, new HashSet<FileIdentity>()));
        Assert.Equal([list.Made[0].Object], MountPointRegistry.AllObjects(directory));
        File.WriteAllText(top + "/10302-123.json", """{"root":"/j","made":[{}]}""");
        Assert.Empty(MountPointRegistry.Read(directory, root).Made);
        Assert.Empty(MountPointRegistry.AllObjects(directory));
    }

    [Fact]
    public void A_seed_record_in_a_property_stays_below_the_longest_that_ZFS_takes()
    {
        var seed = new SeedRecord("/" + new string('s', 3000), At, 1, 2,
            [.. Enumerable.Range(0, 300).Select(i => new string('x', 900) + i)]);
        var text = SeedJson.Text(seed, flags: 3, longest: 8191);
        Assert.InRange(text.Length, 1, 8191);
        var (read, flags) = SeedJson.ParseWithFlags(text);
        Assert.Equal((300, 3), (read.NotKeptCount, flags));
        Assert.Equal("not known", SeedJson.ParseWithFlags(text[..^1]).Seed.Source);
        Assert.Equal("a directory with a long path", SeedJson.ParseWithFlags(SeedJson.Text(seed, null, 400)).Seed.Source);
    }

    public void Dispose()
    {
        directory.Dispose();
        Directory.Delete(top, recursive: true);
    }

    private static string Text(Action<Utf8JsonWriter> write) => System.Text.Encoding.UTF8.GetString(StateFile.Text(write));

    private static T Parse<T>(string text, Func<JsonElement, T> read)
    {
        using var json = JsonDocument.Parse(text);
        return read(json.RootElement);
    }
}
