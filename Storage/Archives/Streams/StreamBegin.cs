using System;
using System.Buffers.Binary;
using System.Linq;
using System.Text;
using Kvol.Storage.Values;

namespace Kvol.Storage.Archives;

/// <summary>The first record of a ZFS stream: dmu_replay_record with drr_begin, include/sys/zfs_ioctl.h of OpenZFS.</summary>
/// <param name="Bytes">As it came.</param>
/// <param name="Snapshot">The name of the snapshot that was sent.</param>
/// <param name="IsRaw">Whether it is encrypted in the stream.</param>
/// <param name="From">The guid of the snapshot from which an incremental stream starts; 0 for a whole one.</param>
/// <param name="GoesOn">Whether it resumes an interrupted stream.</param>
internal sealed record StreamBegin(byte[] Bytes, string Snapshot, bool IsRaw, ulong From, bool GoesOn)
{
    /// <summary>Whether it is incremental.</summary>
    public bool IsIncremental => From != 0;

    private const int Length = 312, MagicAt = 8, VersionAt = 16, TypeAt = 32, FromAt = 48, NameAt = 56;
    private const ulong Magic = 0x2F5bacbac;
    private const int FileSystem = 2; // DMU_OST_ZFS
    private const ulong Resuming = 1UL << 20, Raw = 1UL << 24; // DMU_BACKUP_FEATURE_*

    /// <summary>Takes the record from the stream; an error when the stream is not of a file system.</summary>
    public static StreamBegin Read(ArchiveInput input, string subject)
    {
        var bytes = input.Take(Length).ToArray();
        var isSwapped = BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(MagicAt)) != Magic;
        var features = Number(VersionAt) >> 2;
        var type = isSwapped ? BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(TypeAt))
            : BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(TypeAt));
        if (type != FileSystem)
        {
            throw new KvolException(ExitStatus.Unavailable, subject, "is a ZFS stream, but not of a file system; use: zfs receive DATASET");
        }

        var name = Encoding.UTF8.GetString(bytes.AsSpan(NameAt)[..Math.Max(bytes.AsSpan(NameAt).IndexOf((byte)0), 0)]);
        name = name[(name.LastIndexOf('@') + 1)..];
        return new StreamBegin(
            bytes, name.Length is > 0 and < 128 && name.All(IsAllowed) ? name
                : "received", (features & Raw) != 0, Number(FromAt), (features & Resuming) != 0);

        ulong Number(int at) =>
            isSwapped ? BinaryPrimitives.ReadUInt64BigEndian(bytes.AsSpan(at)) : BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(at));
    }

    private static bool IsAllowed(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or ':';
}
