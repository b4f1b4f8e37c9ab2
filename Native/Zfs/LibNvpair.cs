using System.Runtime.InteropServices;

namespace Kvol.Native;

/// <summary>Declarations of libnvpair, include/sys/nvpair.h of OpenZFS 2.1 to 2.4; no logic. Every function returns an errno or
/// 0.</summary>
internal static unsafe partial class LibNvpair
{
    // include/sys/nvpair.h
    public const byte NV_UNIQUE_NAME = 1;
    public const int NV_ENCODE_NATIVE = 0;

    private const string Name = ZfsLibraries.NvpairName;

    [LibraryImport(Name)]
    public static partial int nvlist_alloc(nint* list, uint flags, int sleep);

    [LibraryImport(Name)]
    public static partial void nvlist_free(nint list);

    [LibraryImport(Name)]
    public static partial int nvlist_add_boolean(NvList list, byte* name);

    [LibraryImport(Name)]
    public static partial int nvlist_add_uint64(NvList list, byte* name, ulong value);

    [LibraryImport(Name)]
    public static partial int nvlist_add_string(NvList list, byte* name, byte* value);

    [LibraryImport(Name)]
    public static partial int nvlist_add_string_array(NvList list, byte* name, byte** values, uint count);

    [LibraryImport(Name)]
    public static partial int nvlist_size(NvList list, nuint* size, int encoding);

    [LibraryImport(Name)]
    public static partial int nvlist_pack(NvList list, byte** buffer, nuint* size, int encoding, int sleep);

    [LibraryImport(Name)]
    public static partial nint nvlist_next_nvpair(nint list, nint pair);

    [LibraryImport(Name)]
    public static partial byte* nvpair_name(nint pair);
}
