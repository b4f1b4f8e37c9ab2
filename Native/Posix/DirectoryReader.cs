using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Kvol.Native;

/// <summary>Reads a directory, without <c>.</c> and <c>..</c>. One reader serves many directories, one after another.</summary>
internal sealed unsafe partial class DirectoryReader(int room = 32 * 1024)
{
    /// <summary>A buffer size that is enough to check for emptiness.</summary>
    public static int Glance => 4096;

    private readonly byte[] buffer = GC.AllocateUninitializedArray<byte>(room);
    private Fd directory = Fd.None;
    private int filled, next, current;

    /// <summary>Starts at the descriptor's read position.</summary>
    public void Start(Fd fd) => (directory, filled, next) = (fd, 0, 0);

    /// <summary>The entry that <see cref="MoveNext"/> found; valid until its next call.</summary>
    public CName Name => CName.First(buffer.AsSpan(current + NameOffset));

    /// <summary>The type that the directory reports; <see cref="FileKind.Unknown"/> where it reports none.</summary>
    public FileKind Kind => Entry.d_type switch
    {
        Libc.DT_REG => FileKind.Regular,
        Libc.DT_DIR => FileKind.Directory,
        Libc.DT_LNK => FileKind.SymbolicLink,
        Libc.DT_FIFO => FileKind.Fifo,
        Libc.DT_CHR => FileKind.CharacterDevice,
        Libc.DT_BLK => FileKind.BlockDevice,
        Libc.DT_SOCK => FileKind.Socket,
        _ => FileKind.Unknown,
    };

    // A record ends behind its name: only the start of the structure may be read.
    private ref readonly Libc.Dirent Entry => ref Unsafe.As<byte, Libc.Dirent>(ref buffer[current]);

    /// <summary>Goes to the next entry; false at the end. A removed directory counts as empty, although the call fails there.</summary>
    public bool MoveNext()
    {
        do
        {
            if (next >= filled)
            {
                fixed (byte* b = buffer)
                {
                    nint n;
                    var times = 0;
                    do
                    {
                        n = Fill(directory, b, buffer.Length);
                    }
                    while (Files.IsInterrupted(n, ref times));

                    var isRemoved = n < 0 && Errno.Meaning(Marshal.GetLastPInvokeError()) == Failure.NotFound;
                    Files.Check(isRemoved ? 0 : n, FillCall, directory);
                    (filled, next) = (isRemoved ? 0 : (int)n, 0);
                }

                if (filled == 0)
                {
                    return false;
                }
            }

            current = next;
            next += Entry.d_reclen;
        }
        while (IsEmptySlot || Name.Bytes is [(byte)'.'] or [(byte)'.', (byte)'.']);

        return true;
    }
}
