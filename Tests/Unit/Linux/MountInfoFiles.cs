using System.Linq;
using System.Text;
using Kvol.Native;
using Xunit;

namespace Kvol.Tests.Unit;

/// <summary>/proc/PID/mountinfo, proc_pid_mountinfo(5).</summary>
[Trait("System", "Linux")]
public class MountInfoFiles
{
    private const string Root = "25 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n";

    [Fact]
    public void A_row_is_read_whatever_its_optional_fields()
    {
        var table = Table(Root
            + "36 25 0:33 /srv/data /jails/www/data ro,nosuid,nodev,noexec,noatime master:2 propagate_from:1 unbindable - "
            + "tmpfs t rw,size=1\n"
            + "37 25 0:34 / /mnt rw - fuse.sshfs user@host: rw,a b c\n");
        var entry = table.Entries[1];
        Assert.Equal((36UL, 25UL, "/jails/www/data", "0:33:/srv/data", "tmpfs"),
            (entry.Id, entry.ParentId, $"{entry.Target}", $"{entry.Origin}", entry.FileSystem));
        Assert.Equal(
            MountFlags.ReadOnly | MountFlags.NoSuid | MountFlags.NoDevices | MountFlags.NoExec | MountFlags.NoAccessTime, entry.Flags);
        Assert.Equal((MountFlags.None, "fuse.sshfs", "user@host:"),
            (table.Entries[2].Flags, table.Entries[2].FileSystem, $"{table.Entries[2].Source}"));
        Assert.True(table.HangsTogether);
    }

    [Theory]
    [InlineData("rw,relatime,idmapped", MountFlags.IdMapped)]
    [InlineData("ro,idmapped,noatime", MountFlags.IdMapped | MountFlags.ReadOnly | MountFlags.NoAccessTime)]
    [InlineData("rw,idmapped2,noidmapped", MountFlags.None)]
    public void A_mount_that_shows_other_owners_says_so(string options, object flags) =>
        Assert.Equal((MountFlags)flags, Table($"{Root}36 25 8:1 /srv /mnt {options} - ext4 /dev/sda1 rw,idmapped\n").Entries[1].Flags);

    [Fact]
    public void Names_come_back_as_the_bytes_they_are()
    {
        var entry = Table(Root
            + "36 25 0:33 /a\\134b /j/sp\\040ace/t\\011ab/new\\012line/h\\043ash/\xff rw - tmpfs t\\040t rw\n").Entries[1];
        Assert.Equal(Latin("/j/sp ace/t\tab/new\nline/h#ash/\xff"), entry.Target.Bytes.ToArray());
        Assert.Equal("0:33:/a\\b", Encoding.Latin1.GetString(entry.Origin.Bytes));
    }

    [Theory]
    [InlineData("/srv//deleted", true, "0:33:/srv")]
    [InlineData("/srv/deleted", false, "0:33:/srv/deleted")]
    [InlineData("/", false, "0:33:")]
    public void What_was_deleted_is_told_from_what_is_called_so(string root, bool deleted, string origin)
    {
        var entry = Table(Root + $"36 25 0:33 {root} /mnt rw - tmpfs t rw\n").Entries[1];
        Assert.Equal((deleted, origin), (entry.SourceDeleted, $"{entry.Origin}"));
    }

    [Theory]
    [InlineData("srv:/export/kvol/volumes/v/data", "0:33:/export/kvol/volumes/v/data")]
    [InlineData("srv:/export//kvol/", "0:33:/export/kvol")]
    [InlineData("[fe80::1]:/export\\040x", "0:33:/export x")]
    [InlineData("srv:/", "0:33:")]
    [InlineData("srv", "0:33:")]
    [InlineData(":/", "0:33:")]
    public void What_a_mount_of_nfs_shows_is_told_by_its_source(string source, string origin)
    {
        foreach (var type in (string[])["nfs", "nfs4"])
        {
            Assert.Equal(origin, $"{Table(Root + $"36 25 0:33 / /mnt rw - {type} {source} rw\n").Entries[1].Origin}");
        }

        Assert.Equal("0:33:", $"{Table(Root + $"36 25 0:33 / /mnt rw - nfsd {source} rw\n").Entries[1].Origin}");
    }

    [Fact]
    public void A_bind_of_nfs_is_named_by_the_mount_of_the_export()
    {
        var table = Table(Root
            + "30 25 0:33 / /net/store rw - nfs4 srv:/export rw\n"
            + "36 25 0:33 / /jails/www/data ro - nfs4 srv:/export/kvol/volumes/v/data rw\n");
        Assert.Equal("/net/store/kvol/volumes/v/data", $"{table.Entries[2].Source}");
        Assert.True(table.Entries[2].Origin.IsBelow(MountTable.OriginOf(table.Entries[1], new ByteString("/net/store/kvol/volumes"))));
    }

    [Fact]
    public void A_bind_is_named_by_the_mount_that_shows_the_most_of_its_file_system()
    {
        var table = Table(Root
            + "30 25 0:33 / /store rw - tmpfs t rw\n"
            + "36 25 0:33 /volumes/v/data /jails/www/data rw - tmpfs t rw\n"
            + "37 25 8:1 /srv /jails/www/srv rw - ext4 /dev/sda1 rw\n");
        Assert.Equal(["/store/volumes/v/data", "/srv"], table.Entries.Skip(2).Select(e => $"{e.Source}"));
    }

    [Fact]
    public void A_dataset_is_known_by_its_name_wherever_it_is_seen()
    {
        var table = Table(Root
            + "30 25 0:40 / /pool/v rw - zfs pool/kvol/volumes/v rw,xattr\n"
            + "31 25 0:40 /sub /jail/x rw - zfs pool/kvol/volumes/v rw,xattr\n");
        Assert.All(table.Entries.Skip(1), e => Assert.Equal("pool/kvol/volumes/v", $"{e.Dataset}"));
        Assert.Equal([true, false], table.Entries.Skip(1).Select(e => e.IsWholeDataset));
    }

    [Theory]
    [InlineData("36 25 0:33 / /mnt rw shared:1 tmpfs t rw\n")]
    [InlineData("36 25 0:33 / /mnt rw -\n")]
    [InlineData("x 25 0:33 / /mnt rw - tmpfs t rw\n")]
    [InlineData("36 y 0:33 / /mnt rw - tmpfs t rw\n")]
    [InlineData("36 25\n")]
    public void A_line_that_cannot_be_read_is_an_error_and_not_a_mount_that_nobody_sees(string line)
    {
        Assert.Contains("is not a line of a mount table", Assert.Throws<NativeException>(() => Table(Root + line)).Message);
    }

    [Fact]
    public void A_mount_over_the_way_covers_what_lies_below()
    {
        var table = Table(Root
            + "30 25 0:33 / /a/b rw - tmpfs t rw\n"
            + "31 25 0:34 / /a rw - tmpfs u rw\n"
            + "32 31 0:35 / /a/b rw - tmpfs w rw\n"
            + "33 30 0:36 / /a/b/c rw - tmpfs x rw\n");
        Assert.Equal(31UL, table.CoverOf(table.Find(30)!)?.Id);
        Assert.Equal(31UL, table.CoverOf(table.Find(33)!)?.Id);
        Assert.Null(table.CoverOf(table.Find(32)!));
        Assert.Null(table.CoverOf(table.Find(31)!));
        Assert.Equal(32UL, table.At(new ByteString("/a/b"))?.Id);
    }

    [Fact]
    public void The_root_of_an_initramfs_covers_nothing_and_a_cover_on_a_mount_that_is_not_in_the_table_is_found()
    {
        var table = Table("1 1 0:2 / / rw - rootfs rootfs rw\n25 1 8:1 / / rw - ext4 /dev/sda1 rw\n30 25 0:33 / /mnt rw - tmpfs t rw\n");
        Assert.Null(table.CoverOf(table.Find(30)!));
        Assert.Null(table.CoverOf(table.Find(25)!));
        table = Table("30 25 0:33 / /mnt/a rw - tmpfs t rw\n31 25 0:34 / /mnt rw - tmpfs t rw\n");
        Assert.Equal(31UL, table.CoverOf(table.Find(30)!)?.Id);
        Assert.Null(table.CoverOf(table.Find(31)!));
    }

    [Fact]
    public void A_table_with_a_hole_does_not_hang_together()
    {
        Assert.False(Table(Root + "36 99 0:33 / /mnt rw - tmpfs t rw\n").HangsTogether);
        Assert.False(Table("36 25 0:33 / /mnt rw - tmpfs t rw\n").HangsTogether);
    }

    [Fact]
    public void What_a_path_shows_is_said_through_the_mount_that_it_is_on()
    {
        var table = Table(Root + "30 25 0:33 /sub /mnt rw - tmpfs t rw\n");
        Assert.Equal("0:33:/sub/x", $"{MountTable.OriginOf(table.Find(30), new ByteString("/mnt/x"))}");
        Assert.Equal("8:1:/etc", $"{MountTable.OriginOf(table.Find(25), new ByteString("/etc"))}");
        Assert.Equal("8:1:", $"{MountTable.OriginOf(table.Find(25), new ByteString("/"))}");
        Assert.Equal(Failure.NotFound,
            Assert.Throws<NativeException>(() => MountTable.OriginOf(table.Find(99), new ByteString("/x"))).Failure);
        Assert.Equal(Failure.NotFound,
            Assert.Throws<NativeException>(() => MountTable.OriginOf(table.Find(30), new ByteString("/other"))).Failure);
    }

    private static MountTable Table(string text) => MountTable.Parse(Latin(text));

    private static byte[] Latin(string text) => Encoding.Latin1.GetBytes(text);
}
