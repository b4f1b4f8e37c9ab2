using Kvol.Native;

namespace Kvol.Storage.Trees;

/// <summary>Tries whether a file system clones.</summary>
internal static class CloneProbe
{
    /// <summary>What to tell the administrator, after one clone of one block in a directory of kvol's.</summary>
    public static string Describe(Fd directory)
    {
        try
        {
            return Works(directory) ? "yes: a seeding from the same file system shares its blocks" : "no: this file system does not clone, so a seeding copies every byte";
        }
        catch (NativeException e)
        {
            return $"not known: {e.Reason}";
        }
    }

    /// <summary>Whether one block could be cloned in a directory of kvol's.</summary>
    public static bool Works(Fd directory)
    {
        ByteString a = new($".probe-{ProcessTable.Self}-a"), b = new($".probe-{ProcessTable.Self}-b");
        try
        {
            using var from = Files.CreateNew(directory, a, 0x180);
            using var to = Files.CreateNew(directory, b, 0x180);
            Content.Write(from, new byte[4096]);
            return Content.Clone(from, to);
        }
        finally
        {
            foreach (var name in (ByteString[])[a, b])
            {
                if (Files.Exists(directory, name))
                {
                    Files.Remove(directory, name);
                }
            }
        }
    }
}
