using System;
using System.Buffers;

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
        Span<byte> first = stackalloc byte[4096];
        var filled = 0;
        for (int n; filled < first.Length; filled += n)
        {
            n = Content.Read(file, first[filled..]);
            if (n == 0)
            {
                return first[..filled].ToArray();
            }
        }

        var whole = new ArrayBufferWriter<byte>(64 * 1024);
        whole.Write(first);
        for (int n; (n = Content.Read(file, whole.GetSpan(32 * 1024))) > 0;)
        {
            whole.Advance(n);
        }

        return whole.WrittenSpan.ToArray();
    }
}
