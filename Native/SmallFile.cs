using System.IO;

namespace Kvol.Native;

/// <summary>Whole small files, such as the kernel's own, which must be read until nothing comes to know their size.</summary>
internal static class SmallFile
{
    /// <summary>The bytes of a file; null when it is not there.</summary>
    public static byte[]? Find(Fd at, CName name)
    {
        using var file = Files.FindRead(at, name);
        return file.IsOpen ? ReadAll(file) : null;
    }

    /// <summary>The bytes of the administrator's own file, links followed; null when it is not there.</summary>
    public static byte[]? Find(CName path)
    {
        using var file = Files.FindRead(path);
        return file.IsOpen ? ReadAll(file) : null;
    }

    /// <summary>The bytes of a file, links followed.</summary>
    public static byte[] Read(CName path)
    {
        using var file = Files.OpenRead(path);
        return ReadAll(file);
    }

    private static byte[] ReadAll(Fd file)
    {
        using var whole = new MemoryStream();
        var buffer = new byte[8 * 1024];
        for (int n; (n = Content.Read(file, buffer)) > 0;)
        {
            whole.Write(buffer, 0, n);
        }

        return whole.ToArray();
    }
}
