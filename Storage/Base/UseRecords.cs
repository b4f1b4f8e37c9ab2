using System;
using System.Collections.Generic;
using Kvol.Native;
using Kvol.Storage.Values;

namespace Kvol.Storage.Base;

/// <summary>The files that say when each volume was last used: one for each volume, named like it. They are hints. They are changed in
/// place and never synced, so that a crash can lose one but leaves nothing to clean up, and a damaged one counts as lost. A file without
/// content is of a volume that was not used since kvol first saw it, which is the file's modification time.</summary>
internal static class UseRecords
{
    /// <summary>The directory that has them.</summary>
    public const string Name = "used";

    // A jail that mounts a volume every minute must not write to the disk every minute.
    private static readonly TimeSpan Pause = TimeSpan.FromHours(1);

    /// <summary>stat(2) of a record; null if there is none.</summary>
    public static FileStatus? Status(Fd at, ByteString path)
    {
        try
        {
            return Files.Status(at, path);
        }
        catch (NativeException e) when (e.Failure is Failure.NotFound or Failure.NotDirectory)
        {
            return null;
        }
    }

    /// <summary>Whether a use need not be recorded, because the record is younger than an hour.</summary>
    public static bool IsFresh(in FileStatus status, DateTimeOffset now) =>
        status.Size > 0 && TimeOf(status) is var written && written <= now && now - written < Pause;

    /// <summary>Records a use.</summary>
    public static void Write(Fd records, VolumeName name, DateTimeOffset at, string? jail)
    {
        var line = new ByteString(LastUse.Text(at, jail)).Bytes;
        using var file = Files.OpenOrCreate(records, name.Bytes, Permissions.OwnerReadsAndWrites);
        Content.Write(file, line, 0);
        Content.SetLength(file, line.Length);
    }

    /// <summary>Records that kvol sees a volume for the first time, unless there is a record of it.</summary>
    public static void WriteSeen(Fd records, VolumeName name) =>
        Files.OpenOrCreate(records, name.Bytes, Permissions.OwnerReadsAndWrites).Dispose();

    /// <summary>Removes a record; a missing one is not an error.</summary>
    public static void Remove(Fd records, VolumeName name)
    {
        try
        {
            Files.Remove(records, name.Bytes);
        }
        catch (NativeException e) when (e.Failure == Failure.NotFound)
        {
        }
    }

    /// <summary>A record; null if it is missing, damaged, or on a part of the disk that cannot be read.</summary>
    public static LastUse? Read(Fd records, VolumeName name)
    {
        try
        {
            return SmallFile.Find(records, name.Bytes) is not { } text ? null
                : text.Length > 0 ? LastUse.TryParse(text.Span)
                : Files.Status(records, name.Bytes) is { Kind: FileKind.Regular } empty ? LastUse.None(TimeOf(empty)) : null;
        }
        catch (NativeException e) when (!e.IsWrongQuestion)
        {
            return null;
        }
    }

    /// <summary>The volumes that have a record.</summary>
    public static HashSet<VolumeName> Names(Fd records)
    {
        var names = new HashSet<VolumeName>();
        using var listing = Files.Reopen(records);
        var reader = new DirectoryReader();
        for (reader.Start(listing); reader.MoveNext();)
        {
            if (reader.Name.ToString() is var name && VolumeName.IsValid(name))
            {
                names.Add(VolumeName.Parse(name));
            }
        }

        return names;
    }

    private static DateTimeOffset TimeOf(in FileStatus status) =>
        DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(status.ModifyTime.Seconds, 0, uint.MaxValue)).AddTicks(
            status.ModifyTime.Nanoseconds / TimeSpan.NanosecondsPerTick);
}
