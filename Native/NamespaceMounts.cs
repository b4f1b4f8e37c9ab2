namespace Kvol.Native;

/// <summary>All mounts of one mount namespace, mount_namespaces(7). <paramref name="Pid"/> is a process or thread in it; with that number
/// an administrator's program can enter it.</summary>
internal sealed record NamespaceMounts(int Pid, MountTable Table);
