namespace Kvol.Native;

/// <content>getdents64(2).</content>
internal sealed unsafe partial class DirectoryReader
{
    private const string FillCall = "getdents64";

    private const int NameOffset = 19; // of d_name in struct linux_dirent64

    private static bool IsEmptySlot => false; // the kernel leaves them out

    private static nint Fill(Fd directory, byte* buffer, int length) => Libc.getdents64(directory.Number, buffer, (nuint)length);
}
