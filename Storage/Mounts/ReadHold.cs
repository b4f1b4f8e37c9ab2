using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Stores;
using Kvol.Storage.Values;

namespace Kvol.Storage.Mounts;

/// <summary>Marks a volume as being read, by a locked file whose name ends in the pid, so that no command removes, renames or refills the
/// volume concurrently. The file is in the run directory, or in a store that hosts share. Mounts do not wait for it. It is taken and tested
/// under the volume's lock, and ends with the process.</summary>
internal sealed class ReadHold : IDisposable
{
    private const uint OwnerReadsAndWrites = 0b110_000_000;

    private readonly Fd directory, file;
    private readonly ByteString name;

    private ReadHold(Fd directory, string prefix)
    {
        var number = ProcessTable.Self.ToString(CultureInfo.InvariantCulture);
        while (true)
        {
            (this.directory, name) = (directory, new ByteString(prefix + number));
            file = Files.OpenOrCreate(directory, name, OwnerReadsAndWrites);
            if (Files.Lock(file, wait: false) && IsThere(directory, name, file))
            {
                return;
            }

            // gc removed it before it was locked, or a process of another PID namespace has this pid. Leading zeros do not change it.
            file.Dispose();
            number = "0" + number;
        }
    }

    /// <summary>Holds a volume; null if the run directory is full or read-only, and in a dry run.</summary>
    public static ReadHold? Take(Context context, IVolumeStore store, VolumeName volume)
    {
        if (context.Plan is not null)
        {
            return null;
        }

        try
        {
            var locks = Locks(context, store, create: true);
            try
            {
                return new ReadHold(locks, Prefix(store, volume));
            }
            catch
            {
                locks.Dispose();
                throw;
            }
        }
        catch (NativeException e) when (e.Failure is Failure.NoSpace or Failure.ReadOnly)
        {
            return null;
        }
    }

    /// <summary>Throws an error (75) that names the process reading a volume, if there is one.</summary>
    public static void RequireNone(Context context, IVolumeStore store, VolumeName volume)
    {
        using var locks = Locks(context, store, create: false);
        var prefix = Encoding.ASCII.GetBytes(Prefix(store, volume));
        foreach (var name in locks.IsOpen ? Names(locks, prefix).Where(n => IsNumber(n.Bytes[prefix.Length..])) : [])
        {
            if (EndAbandoned(locks, name, dryRun: context.Plan is not null))
            {
                continue;
            }

            var pid = int.Parse(name.Bytes[prefix.Length..], NumberStyles.None, CultureInfo.InvariantCulture);
            if (store.Shared is not null)
            {
                throw new KvolException(ExitStatus.Busy, volume.Text,
                    $"is being exported by process {pid} of this host or of another one that uses the store; try again when that has "
                        + "finished");
            }

            throw new KvolException(ExitStatus.Busy, volume.Text,
                $"is being exported by {ProcessTable.Describe(pid)}; try again when that has finished, or stop it: kill {pid}");
        }
    }

    /// <summary>Removes the marks that killed processes left, or with <paramref name="dryRun"/> only finds them; their paths. A mark
    /// belongs to a living process as long as its lock is held, whoever has its pid now.</summary>
    public static IReadOnlyList<string> Sweep(Context context, IVolumeStore? store, bool dryRun)
    {
        var swept = new List<string>();
        using var locks = Locks(context, store, create: false);
        foreach (var name in locks.IsOpen ? Names(locks, "read-"u8) : [])
        {
            if (name.Bytes.LastIndexOf((byte)'@') is > 0 and var at && IsNumber(name.Bytes[(at + 1)..])
                && EndAbandoned(locks, name, dryRun))
            {
                swept.Add($"{Files.PathOf(locks)}/{name}");
            }
        }

        return swept;
    }

    public void Dispose()
    {
        Remove(directory, name);
        file.Dispose();
        directory.Dispose();
    }

    // What a process of another host reads is marked where this host sees it.
    private static Fd Locks(Context context, IVolumeStore? store, bool create) => store?.Shared is { } shared ? shared.OpenLocks(create)
        : RunDirectory.OpenLocks(context.Configuration, context.Upkeep, create);

    private static string Prefix(IVolumeStore store, VolumeName volume) => $"read-{store.Id}-{volume}@"; // no volume name contains '@'

    private static List<ByteString> Names(Fd locks, ReadOnlySpan<byte> prefix)
    {
        var names = new List<ByteString>();
        using var listing = Files.Reopen(locks);
        var reader = new DirectoryReader();
        for (reader.Start(listing); reader.MoveNext();)
        {
            if (reader.Name.Bytes.StartsWith(prefix) && (reader.Kind is FileKind.Regular or FileKind.Unknown))
            {
                names.Add(reader.Name.Keep());
            }
        }

        return names;
    }

    private static bool IsNumber(ReadOnlySpan<byte> text) => text.Length > 0 && !text.ContainsAnyExceptInRange((byte)'0', (byte)'9');

    // Removes the mark of a process that has ended, but not in a dry run; false if the process lives. The lock ends with the process that
    // holds it. It is held here until the mark is removed, so that no other process takes the mark for its own meanwhile.
    private static bool EndAbandoned(Fd locks, ByteString name, bool dryRun)
    {
        using var file = Files.FindUpdate(locks, name);
        if (file.IsOpen && !Files.Lock(file, wait: false))
        {
            return false;
        }

        if (file.IsOpen && !dryRun && IsThere(locks, name, file))
        {
            Remove(locks, name);
        }

        return true;
    }

    // Another process may have removed the file before it was locked. NFS only renames one that a process of this host has open.
    private static bool IsThere(Fd locks, ByteString name, Fd file)
    {
        try
        {
            return Files.Status(locks, name).Identity == Files.Status(file).Identity;
        }
        catch (NativeException e) when (e.Failure is Failure.NotFound or Failure.Stale)
        {
            return false;
        }
    }

    private static void Remove(Fd locks, ByteString name)
    {
        try
        {
            Files.Remove(locks, name);
        }
        catch (NativeException e) when (e.Failure == Failure.NotFound)
        {
            // another command removed it first
        }
    }
}
