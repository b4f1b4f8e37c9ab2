using System;
using Kvol.Native;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>Where a dataset is to be mounted, and whether kvol may mount it. libzfs checks this before it mounts (zfs_is_mountable() of
/// lib/libzfs/libzfs_mount.c); libzfs_core and the kernel do not.</summary>
internal static class Mountpoint
{
    /// <summary>The path, with <paramref name="altroot"/> in front; null for <c>none</c> and <c>legacy</c>. A dataset inherits the value
    /// with the rest of its name appended (zfs_prop_get() of lib/libzfs/libzfs_dataset.c).</summary>
    public static string? Of(DatasetStats dataset, string altroot)
    {
        var value = dataset.Text("mountpoint") ?? "/";
        if (!value.StartsWith('/'))
        {
            return null;
        }

        var source = dataset.SourceOf("mountpoint");
        var rest = string.IsNullOrEmpty(source) ? dataset.Name : source.Length < dataset.Name.Length ? dataset.Name[(source.Length + 1)..]
            : "";
        var path = $"{altroot.TrimEnd('/')}/{value.Trim('/')}/{rest}".TrimEnd('/');
        return path.Length == 0 ? "/" : path.Replace("//", "/", StringComparison.Ordinal);
    }

    /// <summary>The command that loads the key of a dataset. For a volume it is kvol's own, because the key may belong to a dataset above
    /// the store; otherwise it names the encryption root.</summary>
    public static string LoadKey(string dataset, string? encryptionRoot)
    {
        return dataset.Split('/') is [.., "volumes", var volume] ? $"kvol load-key {volume}" : $"zfs load-key {encryptionRoot ?? dataset}";
    }

    /// <summary>Why kvol may not mount a dataset, and how to fix it; null if it may. <paramref name="inherits"/>: its mountpoint does not
    /// matter, because it is going to inherit one.</summary>
    public static string? Refusal(DatasetStats dataset, bool inherits = false)
    {
        var name = dataset.Name;
        var volume = DatasetName.Last(name);
        return dataset.Type != DatasetType.FileSystem ? "is not a file system"
            : dataset.IsPartial ? "is not complete: a stream is being received, or was interrupted; "
                + $"resume it with 'kvol import --resume {volume}', or remove the volume with 'kvol rm {volume}'"
            : IsLocked(dataset) ? $"its encryption key is not loaded, so its content cannot be seen: "
                + LoadKey(name, dataset.Text("encryptionroot"))
            : dataset.SourceOf("canmount") == name && dataset.Number("canmount") == 0
                ? $"is not mounted, and canmount=off forbids it: zfs set canmount=on {name}"
            : dataset.Number(Host.DelegatedProperty) == 1
                ? $"is delegated to a jail or container ({Host.DelegatedProperty}=on), so this host must not mount it; when none uses it: "
                    + $"zfs set {Host.DelegatedProperty}=off {name}"
            : !inherits && dataset.Text("mountpoint")?.Contains('\uFFFD', StringComparison.Ordinal) == true
                ? "has a mountpoint that is not UTF-8, which kvol cannot name: set another one"
            : dataset.Number("redacted") == 1 ? $"is redacted, so its content is not whole; kvol rm {volume} removes it"
            : !inherits && dataset.Text("mountpoint") is ("none" or "legacy")
                ? $"has no mountpoint of its own (mountpoint={dataset.Text("mountpoint")}): zfs inherit mountpoint {name}, or set one"
            : null;
    }

    /// <summary>Whether its content is encrypted and the key is not loaded.</summary>
    public static bool IsLocked(DatasetStats dataset) => dataset.Number("keystatus") == 1;

    /// <summary>Whether 'zfs mount -a' mounts it: <c>canmount=on</c>, which is not inherited.</summary>
    public static bool IsMountedAtBoot(DatasetStats dataset) =>
        dataset.Type == DatasetType.FileSystem && dataset.Number("canmount") is null or 1;

    /// <summary>The mount options from its properties.</summary>
    public static MountFlags Options(DatasetStats dataset) =>
        (dataset.Number("readonly") == 1 ? MountFlags.ReadOnly : 0)
        | (dataset.Number("setuid") == 0 ? MountFlags.NoSuid : 0)
        | (dataset.Number("exec") == 0 ? MountFlags.NoExec : 0)
        | (dataset.Number("devices") == 0 ? MountFlags.NoDevices : 0)
        | (dataset.Number("atime") == 0 ? MountFlags.NoAccessTime : 0);
}
