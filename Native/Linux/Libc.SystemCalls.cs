using System.Runtime.InteropServices;

namespace Kvol.Native;

/// <summary>System calls for which glibc has no function, or has one only since a release that kvol does not ask for (2.36): each is
/// syscall(2) with the types of the call.</summary>
internal static unsafe partial class Libc
{
    // <asm-generic/unistd.h>: one number on every architecture
    private const long SYS_open_tree = 428, SYS_move_mount = 429, SYS_fsopen = 430, SYS_fsconfig = 431, SYS_fsmount = 432,
        SYS_mount_setattr = 442, SYS_quotactl_fd = 443, SYS_statmount = 457, SYS_listmount = 458;

    // <asm/unistd.h>: older than the common table
    private static long SYS_kcmp { get; } = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 ? 272 : 312;

    public static int open_tree(int dirfd, byte* path, uint flags) => open_tree(SYS_open_tree, dirfd, path, flags);

    public static int move_mount(int fromdirfd, byte* frompath, int todirfd, byte* topath, uint flags) =>
        move_mount(SYS_move_mount, fromdirfd, frompath, todirfd, topath, flags);

    public static int fsopen(byte* type, uint flags) => fsopen(SYS_fsopen, type, flags);

    public static int fsconfig(int fd, uint command, byte* key, byte* value, int auxiliary) =>
        fsconfig(SYS_fsconfig, fd, command, key, value, auxiliary);

    public static int fsmount(int fd, uint flags, uint attributes) => fsmount(SYS_fsmount, fd, flags, attributes);

    public static int mount_setattr(int dirfd, byte* path, uint flags, MountAttr* attributes, nuint size) =>
        mount_setattr(SYS_mount_setattr, dirfd, path, flags, attributes, size);

    public static int quotactl_fd(int fd, uint command, uint id, void* address) => quotactl_fd(SYS_quotactl_fd, fd, command, id, address);

    public static int statmount(MountIdRequest* request, byte* buffer, nuint size, uint flags) =>
        statmount(SYS_statmount, request, buffer, size, flags);

    public static nint listmount(MountIdRequest* request, ulong* ids, nuint count, uint flags) =>
        listmount(SYS_listmount, request, ids, count, flags);

    public static int kcmp(int pid1, int pid2, int type, nuint index1, nuint index2) => kcmp(SYS_kcmp, pid1, pid2, type, index1, index2);

    [LibraryImport(Name, EntryPoint = "syscall", SetLastError = true)]
    private static partial int open_tree(long number, int dirfd, byte* path, uint flags);

    [LibraryImport(Name, EntryPoint = "syscall", SetLastError = true)]
    private static partial int move_mount(long number, int fromdirfd, byte* frompath, int todirfd, byte* topath, uint flags);

    [LibraryImport(Name, EntryPoint = "syscall", SetLastError = true)]
    private static partial int fsopen(long number, byte* type, uint flags);

    [LibraryImport(Name, EntryPoint = "syscall", SetLastError = true)]
    private static partial int fsconfig(long number, int fd, uint command, byte* key, byte* value, int auxiliary);

    [LibraryImport(Name, EntryPoint = "syscall", SetLastError = true)]
    private static partial int fsmount(long number, int fd, uint flags, uint attributes);

    [LibraryImport(Name, EntryPoint = "syscall", SetLastError = true)]
    private static partial int mount_setattr(long number, int dirfd, byte* path, uint flags, MountAttr* attributes, nuint size);

    [LibraryImport(Name, EntryPoint = "syscall", SetLastError = true)]
    private static partial int quotactl_fd(long number, int fd, uint command, uint id, void* address);

    [LibraryImport(Name, EntryPoint = "syscall", SetLastError = true)]
    private static partial int statmount(long number, MountIdRequest* request, byte* buffer, nuint size, uint flags);

    [LibraryImport(Name, EntryPoint = "syscall", SetLastError = true)]
    private static partial nint listmount(long number, MountIdRequest* request, ulong* ids, nuint count, uint flags);

    [LibraryImport(Name, EntryPoint = "syscall", SetLastError = true)]
    private static partial int kcmp(long number, int pid1, int pid2, int type, nuint index1, nuint index2);
}
