using System;

namespace Kvol.Native;

/// <summary>Reads small files whole. The files of procfs(5) do not tell their size, so each is read to its end.</summary>
internal static class SmallFile
{
    /// <summary>16 MiB, the most bytes of a file that another program may have written.</summary>
    public const int Largest = 16 << 20;

    /// <summary>The bytes of a file; null when it is not there, <see cref="Failure.TooBig"/> above 16 MiB. They are in
    /// <paramref name="room"/> where it is large enough, for callers that read many files. <paramref name="limit"/> replaces the 16
    /// MiB.</summary>
    public static ReadOnlyMemory<byte>? Find(Fd at, CName name, byte[]? room = null, int limit = Largest)
    {
        using var file = Files.FindRead(at, name);
        return file.IsOpen ? ReadAll(file, room, limit) : (ReadOnlyMemory<byte>?)null; // without the type, null is an empty array
    }

    /// <summary>The bytes of the administrator's own file, links followed; null when it is not there.</summary>
    public static byte[]? Find(CName path)
    {
        using var file = Files.FindRead(path);
        return file.IsOpen ? ReadAll(file, limit: Largest).ToArray() : null;
    }

    /// <summary>The bytes of a file, links followed.</summary>
    public static byte[] Read(CName path)
    {
        using var file = Files.OpenRead(path);
        return ReadAll(file).ToArray();
    }

    private static ReadOnlyMemory<byte> ReadAll(Fd file, byte[]? room = null, int limit = int.MaxValue)
    {
        var first = room ?? GC.AllocateUninitializedArray<byte>(4096);
        var filled = 0;
        for (int n; filled < first.Length; filled += n)
        {
            n = Content.Read(file, first.AsSpan(filled));
            if (n == 0)
            {
                return first.AsMemory(0, filled);
            }
        }

        // The size of a regular file saves growing the buffer; the kernel's own files report none.
        var whole = new byte[Math.Clamp(Files.Status(file).Size + 1, 64 * 1024, Math.Min(1L + limit, Array.MaxLength))];
        first.CopyTo(whole, 0);
        for (int n; (n = Content.Read(file, whole.AsSpan(filled))) > 0;)
        {
            filled += n;
            if (filled > limit)
            {
                throw Files.Failed("read", file, Errno.E2BIG);
            }

            if (filled == whole.Length)
            {
                Array.Resize(ref whole, 2 * filled);
            }
        }

        return whole.AsMemory(0, filled);
    }
}
