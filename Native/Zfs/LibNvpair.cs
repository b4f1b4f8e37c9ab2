using System.Runtime.InteropServices;

namespace Kvol.Native;

/// <summary>Declarations of libnvpair, include/sys/nvpair.h of OpenZFS 2.1 to 2.4; no logic. Every function returns an errno or 0.</summary>
internal static unsafe partial class LibNvpair
{
    // include/sys/nvpair.h
    public const uint NV_UNIQUE_NAME = 1;
    public const int NV_ENCODE_NATIVE = 0;
    public const int DATA_TYPE_BOOLEAN = 1, DATA_TYPE_UINT64 = 8, DATA_TYPE_STRING = 9, DATA_TYPE_NVLIST = 19;

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
    public static partial int nvlist_size(NvList list, nuint* size, int encoding);

    [LibraryImport(Name)]
    public static partial int nvlist_pack(NvList list, byte** buffer, nuint* size, int encoding, int sleep);

    [LibraryImport(Name)]
    public static partial int nvlist_unpack(byte* buffer, nuint size, nint* list, int sleep);

    [LibraryImport(Name)]
    public static partial nint nvlist_next_nvpair(nint list, nint pair);

    [LibraryImport(Name)]
    public static partial byte* nvpair_name(nint pair);

    [LibraryImport(Name)]
    public static partial int nvpair_type(nint pair);

    [LibraryImport(Name)]
    public static partial int nvpair_value_uint64(nint pair, ulong* value);

    [LibraryImport(Name)]
    public static partial int nvpair_value_string(nint pair, byte** value);

    [LibraryImport(Name)]
    public static partial int nvpair_value_nvlist(nint pair, nint* value);
}
