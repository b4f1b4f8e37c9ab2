using System;
using System.Text.Json;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>Flags that forbid changes to a volume's top directory. A directory with these flags cannot be renamed, so they are set after
/// the commit of a seeding; until then a file beside the directory records them.</summary>
internal static class TopFlags
{
    /// <summary>The file in the directory of the volume.</summary>
    public static readonly ByteString Name = new(".top-flags.json");

    /// <summary>Writes the flags, unless there are none. The sync of the seeded tree includes the file.</summary>
    public static void Write(Fd volume, int flags)
    {
        if (flags != 0)
        {
            StateFile.WriteNew(volume, Name, (Utf8JsonWriter json) => json.WriteNumberValue(flags), durable: false);
        }
    }

    /// <summary>Reads the flags of a volume; 0 if there are none, an error (65) if the file is damaged.</summary>
    public static int Read(Fd volume, string name) => Required(volume, Name, name, () =>
        StateFile.ReadChecked(volume, Name.ToString(), flags => flags.GetInt32()));

    /// <summary>Reads a file with flags; an error says how to go on without it.</summary>
    public static T Required<T>(Fd directory, ByteString file, string name, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (KvolException e) when (e.Status == ExitStatus.Damaged)
        {
            throw e.With($"or go on without these flags: rm {Shown.Quoted($"{Files.PathOf(directory)}/{file}")}; "
                + $"or remove the volume: kvol rm {name}");
        }
    }

    /// <summary>Removes the file, if it is there.</summary>
    public static void Forget(Fd volume)
    {
        if (Files.Exists(volume, Name))
        {
            Files.Remove(volume, Name);
        }
    }
}
