using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Stores;
using Kvol.Storage.Values;

namespace Kvol.Storage.Mounts;

/// <summary>Marks a volume as being read, by a locked file in the run directory whose name contains the pid, so that no command removes,
/// renames or refills the volume concurrently. Mounts do not wait for it. It is taken and tested under the volume's lock, and ends with the
/// process.</summary>
internal sealed class ReadHold : IDisposable
{
    private const uint OwnerReadsAndWrites = 0b110_000_000;

    private readonly Fd directory, file;
    private readonly ByteString name;

    private ReadHold(Fd directory, ByteString name)
    {
        (this.directory, this.name) = (directory, name);
        file = Files.OpenOrCreate(directory, name, OwnerReadsAndWrites);
        _ = Files.Lock(file, wait: false);
    }

    /// <summary>Holds a volume; null if the run directory is full or read-only.</summary>
    public static ReadHold? Take(Context context, IVolumeStore store, VolumeName volume)
    {
        try
        {
            var locks = RunDirectory.OpenLocks(context.Configuration, context.Warn);
            try
            {
                return new ReadHold(locks,
                    new ByteString(Prefix(store, volume) + ProcessTable.Self.ToString(CultureInfo.InvariantCulture)));
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
        using var locks = RunDirectory.OpenLocks(context.Configuration, context.Warn, create: false);
        var prefix = Encoding.ASCII.GetBytes(Prefix(store, volume));
        foreach (var name in locks.IsOpen ? Names(locks, prefix) : [])
        {
            using var file = Files.FindUpdate(locks, name);
            if (!file.IsOpen)
            {
                continue; // the process has just ended
            }

            if (Files.Lock(file, wait: false))
            {
                Remove(locks, name); // a killed process left it
                continue;
            }

            var pid = int.Parse(name.Bytes[prefix.Length..], NumberStyles.None, CultureInfo.InvariantCulture);
            throw new KvolException(ExitStatus.Busy, volume.Text,
                $"is being exported by {ProcessTable.Describe(pid)}; try again when that has finished, or stop it: kill {pid}");
        }
    }

    public void Dispose()
    {
        Remove(directory, name);
        file.Dispose();
        directory.Dispose();
    }

    private static string Prefix(IVolumeStore store, VolumeName volume) => $"read-{store.Id}-{volume}@"; // no volume name contains '@'

    private static List<ByteString> Names(Fd locks, byte[] prefix)
    {
        var names = new List<ByteString>();
        using var listing = Files.Reopen(locks);
        var reader = new DirectoryReader();
        for (reader.Start(listing); reader.MoveNext();)
        {
            if (reader.Name.Bytes.StartsWith(prefix) && !reader.Name.Bytes[prefix.Length..].ContainsAnyExceptInRange((byte)'0', (byte)'9'))
            {
                names.Add(reader.Name.Keep());
            }
        }

        return names;
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
