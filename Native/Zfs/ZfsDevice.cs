using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Text;

namespace Kvol.Native;

/// <summary>The calls on /dev/zfs that libzfs_core has no function for, and that leave nothing in the pool's history when they only read:
/// include/sys/fs/zfs.h (the numbers cannot change), zfs_cmd_t of include/sys/zfs_ioctl.h (the same from OpenZFS 2.1 to 2.4).</summary>
internal sealed unsafe class ZfsDevice : IDisposable
{
    // enum zfs_ioc of include/sys/fs/zfs.h, counted from ZFS_IOC_FIRST
    private const int PoolStats = 0x05, ObjsetStats = 0x12, DatasetListNext = 0x14, SnapshotListNext = 0x15, SetProp = 0x16,
        PoolGetProps = 0x27, InheritProp = 0x2b;

    // offsets of zfs_cmd_t; MAXPATHLEN differs between the systems
    private const int Path = ZfsIoctl.PathMax, Source = Path, SourceSize = Path + 8, Target = Path + 16, TargetSize = Path + 24,
        Value = Path + 48,
        Cookie = (3 * Path) + 328, Type = (3 * Path) + 336, Stats = (3 * Path) + 416, Size = (3 * Path) + 1456;

    // offsets of dmu_objset_stats_t, include/sys/dmu.h
    private const int StatsClones = Stats, StatsCreationTxg = Stats + 8, StatsGuid = Stats + 16, StatsType = Stats + 24,
        StatsInconsistent = Stats + 29;

    private const int LargestAnswer = 256 << 20; // the kernel's own limit of a packed list is below that

    private readonly Fd device;
    private readonly byte[] command = GC.AllocateArray<byte>(Size, pinned: true);
    private byte[] answer = GC.AllocateUninitializedArray<byte>(64 * 1024, pinned: true);

    private ZfsDevice(Fd device) => this.device = device;

    /// <summary>Opens /dev/zfs; <see cref="Failure.NotFound"/> when the module is not loaded.</summary>
    public static ZfsDevice Open() => new(OpenFile());

    /// <summary>open(2) of /dev/zfs alone.</summary>
    public static Fd OpenFile() => Files.OpenDevice(CName.Of("/dev/zfs\0"u8));

    /// <summary>A dataset or snapshot with its properties, ZFS_IOC_OBJSET_STATS; null when it does not exist.</summary>
    public DatasetStats? Find(string name)
    {
        Begin(name);
        var errno = Call(ObjsetStats);
        return errno == 0 ? Read(name) : Errno.Meaning(errno) == Failure.NotFound ? null
            : throw new NativeException("ZFS_IOC_OBJSET_STATS", name, errno);
    }

    /// <summary>The datasets directly below one, ZFS_IOC_DATASET_LIST_NEXT. A dataset that the kernel cannot read is passed to
    /// <paramref name="damaged"/>; without that it is an error.</summary>
    public IEnumerable<DatasetStats> Children(string parent, Action<string, NativeException>? damaged = null) =>
        List(DatasetListNext, parent, damaged);

    /// <summary>The snapshots of a dataset, oldest first, ZFS_IOC_SNAPSHOT_LIST_NEXT.</summary>
    public IEnumerable<DatasetStats> Snapshots(string dataset) => List(SnapshotListNext, dataset, null);

    /// <summary>Sets properties in one transaction when all are user properties, ZFS_IOC_SET_PROP.</summary>
    public void SetProperties(string name, NvList properties)
    {
        var packed = properties.Pack();
        Begin(name);
        CallWith(packed, SetProp, "ZFS_IOC_SET_PROP", name);
    }

    /// <summary>Makes a property inherited again, ZFS_IOC_INHERIT_PROP.</summary>
    public void Inherit(string name, string property) => Inherit(name, property, toReceived: false);

    /// <summary>Takes a local value away, also of a property that is not inherited: what was received, or else the default, counts
    /// again. ZFS_IOC_INHERIT_PROP with zc_cookie, as 'zfs inherit -S' does it.</summary>
    public void Revert(string name, string property) => Inherit(name, property, toReceived: true);

    /// <summary>Properties of a pool that were set, as name and {value, source}: ZFS_IOC_POOL_GET_PROPS.</summary>
    public PackedList PoolProperties(string pool) => PoolList(PoolGetProps, "ZFS_IOC_POOL_GET_PROPS", pool);

    /// <summary>A pool's configuration, its features among it: ZFS_IOC_POOL_STATS.</summary>
    public PackedList PoolConfiguration(string pool) => PoolList(PoolStats, "ZFS_IOC_POOL_STATS", pool);

    public void Dispose() => device.Dispose();

    private PackedList PoolList(int number, string call, string pool)
    {
        // From 2.3 on ZFS_IOC_POOL_GET_PROPS takes a list of more names; every release understands an empty one.
        Begin(pool);
        CallWith(PackedList.Empty, number, call, pool);
        return Answer();
    }

    private IEnumerable<DatasetStats> List(int number, string parent, Action<string, NativeException>? damaged)
    {
        for (ulong cookie = 0; ;)
        {
            Begin(parent);
            Put(Cookie, cookie);
            var errno = Call(number);
            if (Errno.Meaning(errno) == Failure.Gone)
            {
                yield break; // ESRCH: the end, or another program destroyed the parent
            }

            // The name is there and the cookie has moved even when the child's properties could not be read.
            var name = Encoding.UTF8.GetString(command, 0, Array.IndexOf(command, (byte)0));
            if (errno != 0 && (damaged is null || Get(Cookie) == cookie || name.Length <= parent.Length + 1))
            {
                throw new NativeException("ZFS_IOC_DATASET_LIST_NEXT", parent, errno);
            }

            cookie = Get(Cookie);
            if (errno != 0)
            {
                damaged!(name, new NativeException("ZFS_IOC_DATASET_LIST_NEXT", name, errno));
            }
            else if (!name.AsSpan().ContainsAny('$', '%'))
            {
                yield return Read(name); // those are the kernel's own, and come without properties
            }
        }
    }

    private void Inherit(string name, string property, bool toReceived)
    {
        Begin(name);
        new ByteString(property).Terminated.CopyTo(command.AsSpan(Value, Path));
        Put(Cookie, toReceived ? 1UL : 0);
        Check(Call(InheritProp), "ZFS_IOC_INHERIT_PROP", name);
    }

    private void Begin(string name)
    {
        Array.Clear(command);
        var bytes = new ByteString(name).Terminated;
        if (bytes.Length > 256) // ZFS_MAX_DATASET_NAME_LEN
        {
            throw new NativeException("zfs", name, Errno.ENAMETOOLONG);
        }

        bytes.CopyTo(command);
    }

    /// <summary>The errno, or 0. A list call moves its cookie only when it succeeds, so it can be repeated with a larger buffer.</summary>
    private int Call(int number)
    {
        Span<byte> name = stackalloc byte[256]; // a list call leaves the child's name there
        command.AsSpan(0, name.Length).CopyTo(name);
        var cookie = Get(Cookie);
        while (true)
        {
            int errno;
            fixed (byte* c = command, a = answer)
            {
                Put(Target, (ulong)a);
                Put(TargetSize, (ulong)answer.Length);
                errno = ZfsIoctl.Call(device, number, c, Size) < 0 ? Marshal.GetLastPInvokeError() : 0;
            }

            var again = errno == 0 || errno == Errno.ENOMEM || errno == Errno.EINTR;
            if (!again || answer.Length > LargestAnswer || (errno == 0 && Get(TargetSize) <= (ulong)answer.Length))
            {
                return errno;
            }

            if (errno != Errno.EINTR)
            {
                answer = GC.AllocateUninitializedArray<byte>((int)Math.Max(Get(TargetSize), (ulong)answer.Length * 2), pinned: true);
            }

            name.CopyTo(command);
            Put(Cookie, cookie);
        }
    }

    private void CallWith(byte[] packed, int number, string call, string name)
    {
        fixed (byte* p = packed)
        {
            Put(Source, (ulong)p);
            Put(SourceSize, (ulong)packed.Length);
            Check(Call(number), call, name);
        }
    }

    private DatasetStats Read(string name) =>
        new(name, (DatasetType)BitConverter.ToInt32(command, StatsType), Get(StatsGuid), Get(StatsCreationTxg), Get(StatsClones),
            command[StatsInconsistent] != 0, Answer());

    private PackedList Answer() => new(answer.AsSpan(0, (int)Get(TargetSize)).ToArray());

    private ulong Get(int offset) => BitConverter.ToUInt64(command, offset);

    private void Put(int offset, ulong value) => BitConverter.TryWriteBytes(command.AsSpan(offset), value);

    private static void Check(int errno, string call, string name)
    {
        if (errno != 0)
        {
            throw new NativeException(call, name, errno);
        }
    }
}
