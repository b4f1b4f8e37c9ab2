using System.Text;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Mounts;
using Xunit;

namespace Kvol.Tests.Unit;

/// <summary>Linux gives the id of a mount that was unmounted to the next mount. That one may show the same source in another root
/// directory: it is another jail's, and is not to be unmounted in place of the first.</summary>
[Trait("System", "Linux")]
public class ReusedMountIds
{
    private static readonly ByteString Root = new("/jails/a");

    private readonly MountTable before = Table("/jails/a/host");

    [Theory]
    [InlineData("/jails/b/host", false)]
    [InlineData("/jails/ab/host", false)]
    [InlineData("/jails/a/host", true)]
    [InlineData("/jails/a/renamed/host", true)]
    public void A_mount_of_the_same_id_and_source_is_the_same_only_within_its_root_directory(string target, bool same)
    {
        var after = Table(target);
        Assert.Equal(same, Unmounting.Again(after, before.Entries[^1], Root) is not null);
        Assert.Equal(same, Unmounting.Exchanged(before, after, before.Entries[^1], Root, [before.Entries[^1]]) is not null);
    }

    [Fact]
    public void A_mount_is_found_beside_records_that_a_crash_left_with_its_id()
    {
        var entry = before.Entries[^1];
        var records = new RecordedMounts();
        var living = Record(entry, entry.Target.ToString(), entry.Origin.ToString());
        records.Add([Record(entry, "/jails/b/data", "0:34:/other"), Record(entry, "/jails/b/host", entry.Origin.ToString()), living]);
        Assert.Same(living, records.Find(entry, before));
    }

    [Fact]
    public void A_mount_of_another_source_is_not_what_was_recorded_with_its_id()
    {
        var entry = before.Entries[^1];
        var records = new RecordedMounts();
        records.Add([Record(entry, entry.Target.ToString(), "0:34:/other")]);
        Assert.Null(records.Find(entry, before));
    }

    [Theory]
    [InlineData("/jails/a/mine", null, false)]
    [InlineData("/other", "/jails/a", false)]
    [InlineData("/jails/b/host", null, false)]
    [InlineData("/jails/b/host", "/jails/a", true)]
    public void A_mount_of_the_same_source_elsewhere_is_recorded_only_where_the_root_directory_may_have_moved(string target,
        string? movedFrom, bool found)
    {
        var after = Table(target);
        var records = new RecordedMounts();
        records.Add([Record(after.Entries[^1], "/jails/a/host", after.Entries[^1].Origin.ToString())]);
        Assert.Equal(found, records.Find(after.Entries[^1], after, movedFrom) is not null);
    }

    private static RunRecord Record(MountEntry entry, string target, string origin) =>
        new(entry.Id, target, origin, "host", "/src", "/host", [], Recursive: false, []);

    private static MountTable Table(string target) =>
        MountTable.Parse(Encoding.Latin1.GetBytes($"25 1 0:30 / / rw - ext4 /dev/a rw\n36 25 0:33 /src {target} rw - tmpfs t rw\n"));
}
