namespace Kvol.Native;

/// <content>getdirentries(2), dir(5).</content>
internal sealed unsafe partial class DirectoryReader
{
    private static string FillCall => "getdirentries";

    private static readonly int NameOffset = OffsetOfName();

    private bool IsEmptySlot => Entry.d_fileno == 0;

    private static nint Fill(Fd directory, byte* buffer, int length) => Libc.getdirentries(directory.Number, buffer, (nuint)length, null);

    private static int OffsetOfName()
    {
        Libc.Dirent entry;
        return (int)(entry.d_name - (byte*)&entry);
    }
}
