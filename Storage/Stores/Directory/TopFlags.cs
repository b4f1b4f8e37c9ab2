using System.Text.Json;
using Kvol.Native;
using Kvol.Storage.Base;

namespace Kvol.Storage.Stores;

/// <summary>Flags that forbid changes to the top directory of a volume, beside it on disk from before the commit of a seeding until they
/// are set: a directory that has them cannot be renamed, so the commit comes first.</summary>
internal static class TopFlags
{
    /// <summary>The file in the directory of the volume.</summary>
    public static readonly ByteString Name = new(".top-flags.json");

    /// <summary>Writes them, unless there are none. What syncs the tree of the seeding syncs the file.</summary>
    public static void Write(Fd volume, int flags)
    {
        if (flags != 0)
        {
            StateFile.WriteNew(volume, Name, (Utf8JsonWriter json) => json.WriteNumberValue(flags), durable: false);
        }
    }

    /// <summary>Reads them; 0 where there are none.</summary>
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
