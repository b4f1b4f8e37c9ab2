using System;
using System.IO;
using System.Linq;
using System.Text;

namespace Kvol.Tests.Support;

/// <summary>Builds archives that no tar program would write. Each char is one byte.</summary>
internal sealed class TarBytes
{
    private readonly MemoryStream stream = new();

    public TarBytes Add(string name, char type = '0', string content = "", string link = "", string size = "", int mode = 0b110_100_100,
        string magic = "ustar\0" + "00", string uid = "0")
    {
        var block = new byte[512];
        Put(block, 0, name);
        Put(block, 100, Convert.ToString(mode, 8).PadLeft(7, '0'));
        Put(block, 108, uid.PadLeft(7, '0'));
        Put(block, 116, "0000000");
        Put(block, 124, size.Length > 0 ? size : Convert.ToString(content.Length, 8).PadLeft(11, '0'));
        Put(block, 136, "00000000144");
        block[156] = (byte)type;
        Put(block, 157, link);
        Put(block, 257, magic);
        Put(block, 329, "0000001");
        Put(block, 337, "0000003");
        return Raw(block, content);
    }

    /// <summary>Adds a header block with its checksum set, and content padded to whole blocks.</summary>
    public TarBytes Raw(byte[] block, string content)
    {
        Put(block, 148, "        ");
        Put(block, 148, Convert.ToString(block.Sum(b => b), 8).PadLeft(6, '0') + "\0");
        stream.Write(block);
        stream.Write(Encoding.Latin1.GetBytes(content));
        stream.Write(new byte[(512 - (content.Length % 512)) % 512]);
        return this;
    }

    /// <summary>An extended header for the next member, with KEY=VALUE records.</summary>
    public TarBytes Pax(params string[] records) => Add("pax", 'x', string.Concat(records.Select(Record)));

    public byte[] End(int zeroBlocks = 2)
    {
        stream.Write(new byte[512 * zeroBlocks]);
        return stream.ToArray();
    }

    private static string Record(string text)
    {
        var length = text.Length + 3;
        while ($"{length} {text}\n".Length != length)
        {
            length++;
        }

        return $"{length} {text}\n";
    }

    private static void Put(byte[] block, int at, string text) =>
        Encoding.Latin1.GetBytes(text).AsSpan(0, Math.Min(text.Length, 512 - at)).CopyTo(block.AsSpan(at));
}
