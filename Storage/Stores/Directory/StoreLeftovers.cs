using System;
using System.Collections.Generic;
using Kvol.Native;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>Finds what a crash left among the volumes of a directory store.</summary>
internal static class StoreLeftovers
{
    /// <summary>The names of volumes that were being made, seeded, written or removed, and of those that <paramref name="isInWork"/> says
    /// so of, given the open directory of the volume. <paramref name="beside"/> has the prefixes of
    /// leftovers beside the volumes, <paramref name="inside"/> the names of leftovers inside a volume. Another kvol may still be working on
    /// them.</summary>
    public static IReadOnlyList<VolumeName> Find(Fd volumes, string[] beside, ByteString[] inside, Predicate<Fd> isInWork)
    {
        var found = new List<VolumeName>();
        using var listing = Files.Reopen(volumes);
        var reader = new DirectoryReader();
        var glance = new DirectoryReader(DirectoryReader.Glance);
        reader.Start(listing);
        while (reader.MoveNext())
        {
            var text = reader.Name.ToString();
            if (Array.Find(beside, p => text.StartsWith(p, StringComparison.Ordinal) && VolumeName.IsValid(text[p.Length..])) is { } prefix)
            {
                found.Add(VolumeName.Parse(text[prefix.Length..]));
            }
            else if (VolumeName.IsValid(text) && HasAny(volumes, reader.Name, glance, inside, isInWork))
            {
                found.Add(VolumeName.Parse(text));
            }
        }

        return found;
    }

    private static bool HasAny(Fd volumes, CName name, DirectoryReader glance, ByteString[] inside, Predicate<Fd> isInWork)
    {
        try
        {
            using var volume = Files.OpenDirectory(volumes, name);
            for (glance.Start(volume); glance.MoveNext();)
            {
                foreach (var leftover in inside)
                {
                    if (glance.Name.Bytes.SequenceEqual(leftover.Bytes))
                    {
                        return true;
                    }
                }
            }

            return isInWork(volume);
        }
        catch (NativeException e) when (e.Failure is Failure.NotFound or Failure.NotDirectory or Failure.Loop)
        {
            return false; // removed concurrently, or not a volume
        }
    }
}
