namespace Kvol.Native;

/// <summary>The mounts of one mount namespace, mount_namespaces(7), all of them. <paramref name="Pid"/> is a process or thread that lives
/// in it; an administrator's program gets in with that number.</summary>
internal sealed record NamespaceMounts(int Pid, MountTable Table);
