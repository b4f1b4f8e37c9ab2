using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text;
using Kvol.Native;
using Kvol.Storage.Values;
using Xunit;

namespace Kvol.Tests.Unit;

/// <summary>The mount table that getfsstat(2) tells.</summary>
public class MountRows
{
    // struct statfs of sys/mount.h, amd64: its size, and where the members are that kvol reads.
    private const int Size = 2344, Flags = 8, Id = 192, Type = 280, From = 296, On = 1320, LongestName = 1024;

    private const ulong ReadOnly = 1, NoExec = 4, NoSuid = 8, NoAccessTime = 0x10000000, Local = 0x1000;

    [Fact]
    public void Records_are_read_from_where_the_kernel_writes_them()
    {
        var rows = MountTable.Rows(Records(
            Record(0x1122334455667788, "ufs", "/dev/ada0p2", "/", Local),
            Record(7, "nullfs", "/srv/a", "/jails/www/a", ReadOnly | NoSuid)));
        Assert.Equal([0x1122334455667788, 7UL], rows.Select(r => r.Id));
        Assert.Equal(["ufs", "nullfs"], rows.Select(r => r.Type));
        Assert.Equal(["/dev/ada0p2", "/srv/a"], rows.Select(r => $"{r.From}"));
        Assert.Equal(["/", "/jails/www/a"], rows.Select(r => $"{r.On}"));
        Assert.Equal([MountFlags.None, MountFlags.ReadOnly | MountFlags.NoSuid], rows.Select(r => r.Flags));
    }

    [Fact]
    public void A_name_that_fills_its_field_ends_there_and_any_byte_is_kept()
    {
        var row = Assert.Single(MountTable.Rows(Records(Record(1, "nullfs", new string('f', LongestName), "/j\xff\n", 0))));
        Assert.Equal((LongestName, "/j\xff\n"), (row.From.Length, Encoding.Latin1.GetString(row.On.Bytes)));
    }

    [Theory]
    [InlineData(ReadOnly, MountFlags.ReadOnly)]
    [InlineData(NoExec, MountFlags.NoExec)]
    [InlineData(NoSuid, MountFlags.NoSuid)]
    [InlineData(NoAccessTime, MountFlags.NoAccessTime)]
    [InlineData(Local, MountFlags.None)]
    public void Flags_that_kvol_sets_are_told_from_others(ulong flag, object flags)
    {
        Assert.Equal((MountFlags)flags, Assert.Single(MountTable.Rows(Records(Record(1, "ufs", "/dev/a", "/", flag)))).Flags);
    }

    [Fact]
    public void A_nullfs_shows_what_its_source_shows_with_the_flags_of_both()
    {
        var table = Table(
            (1, "ufs", "/dev/ada0p2", "/", 0), (2, "ufs", "/dev/ada1", "/data", ReadOnly), (3, "nullfs", "/data/x", "/jails/a/x", NoSuid),
            (4, "nullfs", "/jails/a/x/y", "/jails/b/y", 0));
        Assert.Equal(["/", "/data", "/data/x", "/data/x/y"], table.Entries.Select(e => $"{e.Origin}"));
        Assert.Equal([0UL, 1, 1, 1], table.Entries.Select(e => e.ParentId));
        Assert.Equal(MountFlags.ReadOnly | MountFlags.NoSuid, table.Find(3)!.Flags);
        Assert.Equal(MountFlags.ReadOnly | MountFlags.NoSuid, table.Find(4)!.Flags);
        Assert.Equal("/data/x/y/z", $"{MountTable.OriginOf(table.Find(4), new ByteString("/jails/b/y/z"))}");
    }

    [Fact]
    public void Of_mounts_on_one_place_the_last_one_is_seen()
    {
        var table = Table((1, "ufs", "/dev/a", "/", 0), (2, "tmpfs", "tmpfs", "/mnt", 0), (3, "tmpfs", "tmpfs", "/mnt", 0),
            (4, "nullfs", "/srv", "/mnt/in", 0));
        Assert.Equal(3UL, table.At(new ByteString("/mnt"))!.Id);
        Assert.Equal(3UL, table.Find(4)!.ParentId);
    }

    [Fact]
    public void A_snapshot_is_known_by_its_name_through_a_nullfs_of_its_directory()
    {
        const string Place = "/kvol/v/.zfs/snapshot/s";
        var table = Table((1, "zfs", "zroot/kvol/volumes/v", "/kvol/v", 0), (2, "zfs", "zroot/kvol/volumes/v@s", Place, ReadOnly | NoSuid),
            (3, "nullfs", Place, "/jails/a/old", NoExec));
        var shown = table.Find(3)!;
        Assert.Equal(("zroot/kvol/volumes/v@s", Place), ($"{shown.Dataset}", $"{shown.Origin}"));
        Assert.Equal(MountFlags.ReadOnly | MountFlags.NoSuid | MountFlags.NoExec, shown.Flags);
    }

    [Fact]
    public void A_dataset_is_known_by_its_name_through_a_nullfs_too()
    {
        var table = Table((1, "zfs", "zroot/ROOT", "/", 0), (2, "zfs", "zroot/kvol/volumes/v", "/kvol/v", 0),
            (3, "nullfs", "/kvol/v", "/jails/a/v", 0));
        Assert.Equal(["zroot/ROOT", "zroot/kvol/volumes/v", "zroot/kvol/volumes/v"], table.Entries.Select(e => $"{e.Dataset}"));
        Assert.Equal([true, true, false], table.Entries.Select(e => e.IsWholeDataset));
    }

    [Fact]
    public void A_mount_that_carries_another_is_a_part_of_it()
    {
        var staging = "/var/run/kvol/staging/kvol-staging-0123456789abcdef";
        var table = Table((1, "ufs", "/dev/a", "/", 0), (2, "nullfs", "/srv/data", staging, 0), (3, "nullfs", staging, "/jails/a/data", 0));
        Assert.Equal([1UL, 3], table.Entries.Select(e => e.Id));
        Assert.Equal("/srv/data", $"{table.Find(3)!.Origin}");
    }

    [Fact]
    public void Only_a_nullfs_is_asked_whether_its_source_was_removed()
    {
        var asked = new List<ulong>();
        var table = MountTable.Of(
            MountTable.Rows(Records(Record(1, "ufs", "/dev/a", "/", 0), Record(2, "nullfs", "/srv", "/mnt", 0))), (place, id) =>
            {
                asked.Add(id);
                return $"{place}" == "/mnt";
            });
        Assert.Equal([2UL], asked);
        Assert.Equal([false, true], table.Entries.Select(e => e.SourceDeleted));
    }

    private static MountTable Table(params (ulong Id, string Type, string From, string On, ulong Flags)[] mounts) => MountTable.Of(
        MountTable.Rows(Records([.. mounts.Select(m => Record(m.Id, m.Type, m.From, m.On, m.Flags))])), (_, _) => false);

    private static Libc.Statfs[] Records(params byte[][] records) =>
        MemoryMarshal.Cast<byte, Libc.Statfs>(records.SelectMany(r => r).ToArray()).ToArray();

    private static byte[] Record(ulong id, string type, string from, string on, ulong flags)
    {
        var record = new byte[Size];
        record.AsSpan(From, 2 * LongestName).Fill((byte)'~'); // the kernel clears no more than it must
        BinaryPrimitives.WriteUInt64LittleEndian(record.AsSpan(Flags), flags);
        BinaryPrimitives.WriteUInt64LittleEndian(record.AsSpan(Id), id);
        Put(Type, type);
        Put(From, from);
        Put(On, on);
        return record;

        void Put(int at, string text) => Encoding.Latin1.GetBytes(text.Length < LongestName ? text + "\0" : text).CopyTo(record, at);
    }
}
