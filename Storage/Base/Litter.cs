using System;
using System.Collections.Generic;
using Kvol.Native;

namespace Kvol.Storage.Base;

/// <summary>Temporary files that a kill left in a directory of kvol's.</summary>
internal static class Litter
{
    // kvol 0.1.0 does not lock its temporary files, but writes each in less than a second.
    private static readonly TimeSpan Unlocked = TimeSpan.FromMinutes(10);

    /// <summary>Removes those that no living process writes, or with <paramref name="dryRun"/> only finds them. Returns their
    /// paths.</summary>
    public static IReadOnlyList<string> Sweep(Fd directory, bool dryRun)
    {
        var swept = new List<string>();
        foreach (var name in Names(directory))
        {
            using var file = Open(directory, name);
            if (file.IsOpen && IsAbandoned(file, name))
            {
                if (!dryRun)
                {
                    Files.Remove(directory, name);
                }

                swept.Add($"{Files.PathOf(directory)}/{name}");
            }
        }

        return swept;
    }

    private static List<ByteString> Names(Fd directory)
    {
        var names = new List<ByteString>();
        using var listing = Files.Reopen(directory);
        var reader = new DirectoryReader();
        for (reader.Start(listing); reader.MoveNext();)
        {
            if (NewFile.IsLeftover(reader.Name.Bytes) || IsOfFirstVersion(reader.Name.Bytes))
            {
                names.Add(reader.Name.Keep());
            }
        }

        return names;
    }

    private static bool IsOfFirstVersion(ReadOnlySpan<byte> name) => name.StartsWith(".store.json."u8) || name.StartsWith(".probe-"u8);

    private static Fd Open(Fd directory, ByteString name)
    {
        try
        {
            return OpenToLock(directory, name);
        }
        catch (NativeException e) when (e.Failure is Failure.Loop or Failure.NoDevice or Failure.IsDirectory)
        {
            return Fd.None; // a link, a socket or a directory, so not kvol's
        }
    }

    // NFS of version 4 locks only what is open for writing: flock(2) of a file that is open to be read is EBADF there.
    private static Fd OpenToLock(Fd directory, ByteString name)
    {
        try
        {
            return Files.FindUpdate(directory, name);
        }
        catch (NativeException e) when (e.Failure is Failure.ReadOnly or Failure.NotPermitted or Failure.TextBusy)
        {
            return Files.FindRead(directory, name);
        }
    }

    private static bool IsAbandoned(Fd file, ByteString name) =>
        Files.Status(file) is { Kind: FileKind.Regular } status
        && (IsOfFirstVersion(name.Bytes) ? DateTimeOffset.UtcNow - DateTimeOffset.FromUnixTimeSeconds(status.ModifyTime.Seconds) > Unlocked
            : Files.Lock(file, wait: false));
}
