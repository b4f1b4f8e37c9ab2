using System.Runtime.InteropServices;

namespace Kvol.Native;

/// <summary>Declarations of libzfs_core, include/libzfs_core.h, the same from OpenZFS 2.1 to 2.4; no logic. Every lzc_ function returns an
/// errno or 0, and aborts the process when libzfs_core_init() did not succeed before.</summary>
internal static unsafe partial class LibZfsCore
{
    // enum lzc_dataset_type, include/libzfs_core.h
    public const int LZC_DATSET_TYPE_ZFS = 2;

    // enum lzc_send_flags, include/libzfs_core.h
    public const uint LZC_SEND_FLAG_LARGE_BLOCK = 2, LZC_SEND_FLAG_COMPRESS = 4, LZC_SEND_FLAG_RAW = 8;

    // include/sys/fs/zfs.h
    public const ulong ZCP_DEFAULT_INSTRLIMIT = 10_000_000, ZCP_DEFAULT_MEMLIMIT = 10 * 1024 * 1024;

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

    [LibraryImport(Name)]
    public static partial int lzc_snapshot(NvList snapshots, NvList properties, nint* errors);

    [LibraryImport(Name)]
    public static partial int lzc_bookmark(NvList bookmarks, nint* errors);

    [LibraryImport(Name)]
    public static partial int lzc_destroy_bookmarks(NvList bookmarks, nint* errors);

    [LibraryImport(Name)]
    public static partial int lzc_get_bookmarks(byte* name, NvList properties, nint* bookmarks);

    [LibraryImport(Name)]
    public static partial int lzc_channel_program(byte* pool, byte* program, ulong instructionLimit, ulong memoryLimit, NvList arguments,
        nint* output);

    [LibraryImport(Name)]
    public static partial int lzc_rollback_to(byte* name, byte* snapshot);

    [LibraryImport(Name)]
    public static partial int lzc_rename(byte* from, byte* to);

    [LibraryImport(Name)]
    public static partial int lzc_clone(byte* name, byte* origin, NvList properties);

    [LibraryImport(Name)]
    public static partial int lzc_promote(byte* name, byte* conflict, int conflictLength);

    [LibraryImport(Name)]
    public static partial int lzc_hold(NvList holds, int cleanup, nint* errors);

    [LibraryImport(Name)]
    public static partial int lzc_get_holds(byte* snapshot, nint* holds);

    [LibraryImport(Name)]
    public static partial int lzc_send(byte* snapshot, byte* from, int fd, uint flags);

    [LibraryImport(Name)]
    public static partial int lzc_receive_with_header(byte* snapshot, nint properties, byte* origin, int force, int resumable, int raw,
        int fd, byte* begin);

    [LibraryImport(Name)]
    public static partial int lzc_load_key(byte* name, int noop, byte* key, uint keyLength);

    [LibraryImport(Name)]
    public static partial int lzc_unload_key(byte* name);
}
