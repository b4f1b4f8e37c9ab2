using System.Runtime.InteropServices;

namespace Kvol.Native;

/// <summary>Declarations of libzfs_core, include/libzfs_core.h, the same from OpenZFS 2.1 to 2.4; no logic. Every lzc_ function returns an errno
/// or 0, and aborts the process when libzfs_core_init() did not succeed before.</summary>
internal static unsafe partial class LibZfsCore
{
    // enum lzc_dataset_type, include/libzfs_core.h
    public const int LZC_DATSET_TYPE_ZFS = 2;

    private const string Name = ZfsLibraries.CoreName;

    [LibraryImport(Name)]
    public static partial int libzfs_core_init();

    [LibraryImport(Name)]
    public static partial void libzfs_core_fini();

    [LibraryImport(Name)]
    public static partial int lzc_create(byte* name, int type, NvList properties, byte* wrappingKey, uint wrappingKeyLength);

    [LibraryImport(Name)]
    public static partial int lzc_destroy(byte* name);

    [LibraryImport(Name)]
    public static partial int lzc_destroy_snaps(NvList snapshots, int defer, nint* errors);
}
