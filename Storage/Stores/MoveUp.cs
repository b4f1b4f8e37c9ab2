using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Trees;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>Fills a mounted directory, which therefore cannot be replaced by another one. A staging directory holds everything that is
/// to be put into it:
/// <list type="bullet">
/// <item><c>tree</c>: the entries;</item>
/// <item><c>top</c>: an empty directory with owner, mode, attributes and times of the top directory;</item>
/// <item><c>held.json</c>: flags that forbid changes, which are set once everything is in place. Missing if there are none.</item>
/// </list>
/// The store commits by renaming the staging directory. Then <see cref="Complete"/> moves the entries up; it may be repeated until it
/// succeeds.</summary>
internal static class MoveUp
{
    private static readonly ByteString Tree = new("tree"), Top = new("top"), Held = new("held.json");

    /// <summary>Fills an empty staging directory. Returns what it was filled with.</summary>
    public static (SeedRecord Seed, HeldFlags Held) Fill(Fd staging, TopDirectory chosen, FillDirectory fill)
    {
        using var tree = StagingDirectory.Make(staging, Tree);
        using var top = StagingDirectory.Make(staging, Top);
        var (seed, held) = fill(tree, chosen);
        new FileMetadata(new CopyReport()).Copy(tree, top);
        var times = Exchange.KeepsDirectoryTimes ? [] : TimesIn(tree);
        if (held.Top != 0 || held.Entries.Count > 0 || times.Count > 0)
        {
            StateFile.WriteNew(staging, Held, json => Write(json, held, times), durable: false); // what syncs the tree syncs it
        }

        return (seed, held);
    }

    /// <summary>Moves all entries of a committed staging directory into <paramref name="data"/>, and gives that its metadata; entries
    /// already in place stay. The caller sets the flags and times of the top directory last. An error (75) names an entry whose name
    /// another process has taken.</summary>
    public static MovedUp Complete(Fd committed, Fd data, string subject)
    {
        if (Attributes.Protects(Attributes.Flags(data)))
        {
            return new MovedUp([], 0, null); // its flags come last
        }

        if (Files.Exists(committed, Tree))
        {
            using (var tree = Files.OpenDirectory(committed, Tree))
            {
                MoveEntries(tree, data, subject);
            }

            Files.RemoveDirectory(committed, Tree);
        }

        var (held, times) = TopFlags.Required(committed, Held, DatasetName.Last(subject), () => Read(committed));
        foreach (var (name, status) in times.Where(t => !Attributes.Protects(Attributes.Flags(data, t.Name))))
        {
            Files.SetTimes(data, name, status);
        }

        var lost = held.SetIn(data);
        if (!Files.Exists(committed, Top))
        {
            return new MovedUp(lost, held.Top, null);
        }

        using var top = Files.OpenDirectory(committed, Top);
        new FileMetadata(new CopyReport()).Copy(top, data);
        return new MovedUp(lost, held.Top, Files.Status(top));
    }

    /// <summary>Deletes a committed staging directory and what <see cref="Complete"/> left in it.</summary>
    public static void Remove(Fd at, ByteString committed)
    {
        using (var directory = Files.OpenDirectory(at, committed))
        {
            RemoveIfThere(directory, Top, isDirectory: true);
            RemoveIfThere(directory, Held, isDirectory: false);
        }

        Files.RemoveDirectory(at, committed);
    }

    /// <summary>Sets the flags of a top directory. Returns those that could not be set.</summary>
    public static IReadOnlyList<string> SetTop(Fd data, int flags)
    {
        try
        {
            if (flags != 0)
            {
                Attributes.AddFlags(data, flags);
            }

            return [];
        }
        catch (NativeException e) when (e.Failure is Failure.NotPermitted or Failure.NotSupported or Failure.Invalid)
        {
            return [$".: file flags: {e.Reason}"];
        }
    }

    private static void MoveEntries(Fd tree, Fd data, string subject)
    {
        ByteString? taken = null;
        foreach (var name in Names(tree))
        {
            try
            {
                NewName.Move(tree, name, data);
            }
            catch (NativeException e) when (e.Failure is Failure.Exists or Failure.NotEmpty)
            {
                taken ??= name;
            }
        }

        if (taken is not null)
        {
            throw new KvolException(ExitStatus.Busy, subject,
                $"'{taken}' was put into it while it was being seeded; move it out of {Files.PathOf(
                data)} and try again, or remove the volume: kvol rm -f {DatasetName.Last(subject)}");
        }
    }

    private static void RemoveIfThere(Fd at, ByteString name, bool isDirectory)
    {
        if (!Files.Exists(at, name))
        {
            return;
        }

        if (isDirectory)
        {
            Files.RemoveDirectory(at, name);
        }
        else
        {
            Files.Remove(at, name);
        }
    }

    private static List<(ByteString Name, FileStatus Status)> TimesIn(Fd tree)
    {
        var times = new List<(ByteString, FileStatus)>();
        foreach (var name in Names(tree))
        {
            if (Files.Status(tree, name) is { IsDirectory: true } status)
            {
                times.Add((name, status));
            }
        }

        return times;
    }

    private static void Write(Utf8JsonWriter json, HeldFlags held, List<(ByteString Name, FileStatus Status)> times)
    {
        json.WriteStartObject();
        json.WriteNumber("top", held.Top);
        json.WriteStartArray("flags");
        foreach (var (name, flags) in held.Entries)
        {
            json.WriteStartArray();
            json.WriteBase64StringValue(name.Bytes);
            json.WriteNumberValue(flags);
            json.WriteEndArray();
        }

        json.WriteEndArray();
        json.WriteStartArray("times");
        foreach (var (name, status) in times)
        {
            json.WriteStartArray();
            json.WriteBase64StringValue(name.Bytes);
            foreach (var time in (FileTime[])[status.AccessTime, status.ModifyTime, status.BirthTime])
            {
                json.WriteNumberValue(time.Seconds);
                json.WriteNumberValue(time.Nanoseconds);
            }

            json.WriteEndArray();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static (HeldFlags Held, IReadOnlyList<(ByteString Name, FileStatus Status)> Times) Read(Fd committed)
    {
        var held = new HeldFlags();
        using var json = StateFile.Read(committed, Held, isOwn: true);
        if (json is null)
        {
            return (held, []);
        }

        held.Top = StateFile.Get(json.RootElement, "top", v => v.GetInt32(), committed, Held);
        foreach (var (name, flags) in StateFile.Get(json.RootElement, "flags", v =>
            v.EnumerateArray().Select(e => (new ByteString(e[0].GetBytesFromBase64()), e[1].GetInt32())).ToArray(), committed, Held))
        {
            held.Add(name, flags);
        }

        return (held, StateFile.Get(json.RootElement, "times", v =>
            v.EnumerateArray().Select(e => (new ByteString(e[0].GetBytesFromBase64()), TimesOf(e))).ToArray(), committed, Held));
    }

    private static FileStatus TimesOf(JsonElement e) => new()
    {
        AccessTime = new FileTime(e[1].GetInt64(), e[2].GetInt64()),
        ModifyTime = new FileTime(e[3].GetInt64(), e[4].GetInt64()),
        BirthTime = new FileTime(e[5].GetInt64(), e[6].GetInt64()),
    };

    private static List<ByteString> Names(Fd directory)
    {
        using var listing = Files.Reopen(directory);
        var reader = new DirectoryReader();
        var names = new List<ByteString>();
        for (reader.Start(listing); reader.MoveNext();)
        {
            names.Add(reader.Name.Keep());
        }

        return names;
    }
}

/// <summary>What remains to be done after all entries were moved up.</summary>
/// <param name="Lost">Flags of entries that could not be set, a line each.</param>
/// <param name="Flags">The top directory's flags that forbid changes.</param>
/// <param name="Top">The times of the top directory; null if they are already set.</param>
internal sealed record MovedUp(IReadOnlyList<string> Lost, int Flags, FileStatus? Top);
