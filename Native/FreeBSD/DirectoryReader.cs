using System;

namespace Kvol.Native;

/// <summary>Reads a directory by getdirentries(2), without <c>.</c> and <c>..</c>. One reader serves many directories, one after another.</summary>
internal sealed unsafe class DirectoryReader
{
    // struct dirent: d_fileno@0 d_off@8 d_reclen@16 d_type@18 d_namlen@20 d_name@24
    private const int LengthOffset = 16, TypeOffset = 18, NameLengthOffset = 20, NameOffset = 24;

    private readonly byte[] buffer = GC.AllocateUninitializedArray<byte>(32 * 1024);
    private Fd directory = Fd.None;
    private int filled, next, current;

    /// <summary>Starts at the descriptor's read position.</summary>
    public void Start(Fd fd) => (directory, filled, next) = (fd, 0, 0);

    /// <summary>The entry that <see cref="MoveNext"/> found, dir(5); valid until its next call.</summary>
    public CName Name => new(buffer.AsSpan(current + NameOffset, BitConverter.ToUInt16(buffer, current + NameLengthOffset) + 1));

    /// <summary>The type as the directory tells it, dir(5); <see cref="FileKind.Unknown"/> where it does not.</summary>
    public FileKind Kind => buffer[current + TypeOffset] switch
    {
        8 => FileKind.Regular,
        4 => FileKind.Directory,
        10 => FileKind.SymbolicLink,
        1 => FileKind.Fifo,
        2 => FileKind.CharacterDevice,
        6 => FileKind.BlockDevice,
        12 => FileKind.Socket,
        _ => FileKind.Unknown,
    };

    /// <summary>Goes to the next entry, getdirentries(2); false at the end.</summary>
    public bool MoveNext()
    {
        do
        {
            if (next >= filled)
            {
                fixed (byte* b = buffer)
                {
                    var n = Libc.getdirentries(directory.Number, b, (nuint)buffer.Length, null);
                    Files.Check(n, "getdirentries", directory, ""u8.ToName());
                    (filled, next) = ((int)n, 0);
                }

                if (filled == 0)
                {
                    return false;
                }
            }

            current = next;
            next += BitConverter.ToUInt16(buffer, current + LengthOffset);
        }
        while (BitConverter.ToUInt64(buffer, current) == 0 || Name.Bytes is [(byte)'.'] or [(byte)'.', (byte)'.']); // inode 0: an empty slot

        return true;
    }
}
