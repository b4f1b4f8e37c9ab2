using System.Text.Json;
using Kvol.Native;
using Kvol.Storage.Base;

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

    /// <summary>Reads the flags; 0 if there are none.</summary>
    public static int Read(Fd volume)
    {
        using var json = StateFile.Read(volume, Name);
        return json?.RootElement.TryGetInt32(out var flags) == true ? flags : 0;
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
