using System;
using System.Runtime.InteropServices;

namespace Kvol.Native;

/// <summary>Reads a directory by getdents64(2), without <c>.</c> and <c>..</c>. One reader serves many directories, one after another.</summary>
internal sealed unsafe class DirectoryReader(int room = 32 * 1024)
{
    /// <summary>Room enough to find out whether there is anything at all.</summary>
    public static int Glance => 4096;

    // struct linux_dirent64: d_ino@0 d_off@8 d_reclen@16 d_type@18 d_name@19
    private const int NameOffset = 19;

    private readonly byte[] buffer = GC.AllocateUninitializedArray<byte>(room);
    private Fd directory = Fd.None;
    private int filled, next, current;

    /// <summary>Starts at the descriptor's read position.</summary>
    public void Start(Fd fd) => (directory, filled, next) = (fd, 0, 0);

    /// <summary>The entry that <see cref="MoveNext"/> found; valid until its next call.</summary>
    public CName Name => new(buffer.AsSpan(current + NameOffset, buffer.AsSpan(current + NameOffset).IndexOf((byte)0) + 1));

    /// <summary>The type as the directory tells it; <see cref="FileKind.Unknown"/> where it does not.</summary>
    public FileKind Kind => buffer[current + 18] switch
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

    /// <summary>Goes to the next entry; false at the end. A directory that was removed has no entries, although getdents64(2) calls that a failure.</summary>
    public bool MoveNext()
    {
        do
        {
            if (next >= filled)
            {
                fixed (byte* b = buffer)
                {
                    var n = Libc.getdents64(directory.Number, b, (nuint)buffer.Length);
                    var isRemoved = n < 0 && Errno.Meaning(Marshal.GetLastPInvokeError()) == Failure.NotFound;
                    Files.Check(isRemoved ? 0 : n, "getdents64", directory, ""u8.ToName());
                    (filled, next) = (isRemoved ? 0 : (int)n, 0);
                }

                if (filled == 0)
                {
                    return false;
                }
            }

            current = next;
            next += BitConverter.ToUInt16(buffer, current + 16);
        }
        while (Name.Bytes is [(byte)'.'] or [(byte)'.', (byte)'.']);

        return true;
    }
}
