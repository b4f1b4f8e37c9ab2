using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Threading;

namespace Kvol.Tests.Support;

/// <summary>The environment of one test in the test machine: an export of its NFS server with a store in it, and hosts that mount it. A
/// host is a mount namespace with a mount of the export of its own, a host name, and another file over /etc/machine-id.</summary>
internal sealed class NfsBox : IDisposable
{
    private static int count;

    private readonly int number = Interlocked.Increment(ref count);

    private int hosts;

    public NfsBox(string export = "rw,no_root_squash,no_subtree_check", string ownerOfExport = "0")
    {
        Install();
        Top = $"/tmp/nfs{number}";
        Guest.Shell($"mkdir -p {Top}/export {Top}/store && truncate -s 192M {Top}/disk && mkfs.ext4 -q -F {Top}/disk && "
            + $"mount -o loop {Top}/disk {Top}/export && rmdir {Top}/export/lost+found && chown {ownerOfExport} {Top}/export && "
            + $"exportfs -o {export},fsid={100 + number} '*:{Top}/export'").Ok();
    }

    public string Top { get; }

    private static Guest Guest => Guest.Current;

    /// <summary>A host that mounts the export with these options. Without an id it has one that its name tells. Two hosts must have
    /// mounts of two versions: mounts of one version have one client in the kernel, from which the server does not take back the right to
    /// remember a file when its other mount changes the file.</summary>
    public NfsHost Host(string name, string? options = null, string? id = null)
    {
        options ??= hosts++ == 0 ? "vers=4.2" : "vers=4.1";
        id ??= string.Concat(name.Select(c => ((int)c).ToString("x2"))).PadRight(32, '0');
        Guest.Shell($"d={Top}/{name}; mkdir -p $d/root $d/run && echo {id} >$d/machine-id && : >$d/kvol.conf && "
            + $"cat /proc/sys/kernel/random/boot_id >$d/boot && {{ setsid unshare -m -u --propagation private sh -c 'hostname {name}; "
            + $"mount --bind '$d'/machine-id /etc/machine-id; mount --bind '$d'/boot /proc/sys/kernel/random/boot_id; "
            + $"mount -t nfs -o nosharecache,{options} 127.0.0.1:{Top}/export {Top}/store && echo $$ >'$d'/pid; exec sleep 100000' "
            + "</dev/null >/dev/null 2>$d/error & }; for i in $(seq 300); do [ -s $d/pid ] && exit; sleep 0.1; done; cat $d/error >&2; "
            + "exit 1").Ok();
        return new NfsHost(this, name, id);
    }

    /// <summary>Runs at the server.</summary>
    public Result Shell(string script) => Guest.Shell(script);

    public void Dispose() => _ = Guest.Shell(
        $"for p in {Top}/*/pid; do nsenter -t $(cat $p) -m umount -R {Top}/store/kvol 2>/dev/null; kill -9 $(cat $p); done; sleep 0.2; "
        + $"exportfs -u '*:{Top}/export'; exportfs -f; umount {Top}/export || umount -l {Top}/export; rm -rf --one-file-system {Top}");

    // The kernel's server and client, started once in a machine.
    private static void Install([CallerFilePath] string here = "")
    {
        if (Guest.Shell("test -e /proc/fs/nfsd/threads && test $(cat /proc/fs/nfsd/threads) -gt 0").Exit == 0)
        {
            return;
        }

        var image = Environment.GetEnvironmentVariable("KVOL_GUEST_IMAGE")!;
        var packed = Tool.Run("sh", Path.Combine(Path.GetDirectoryName(here)!, "../Guest/nfs.sh"), image).Trim();
        Guest.Put(packed, "/tmp/nfs.tar.gz", "644");
        Guest.Shell("tar -C / -xzf /tmp/nfs.tar.gz --keep-directory-symlink && rm /tmp/nfs.tar.gz && depmod && "
            + "for m in nfsd nfsv4 nfsv3; do modprobe $m || exit; done && printf '%s\\n' '_rpc:x:100:65534::/run/rpcbind:/bin/false' "
            + "'statd:x:101:65534::/var/lib/nfs:/bin/false' "
            + ">>/etc/passwd && mkdir -p /run/rpcbind /run/rpc_pipefs /var/lib/nfs/sm /var/lib/nfs/sm.bak /var/lib/nfs/v4recovery && "
            + "touch /var/lib/nfs/etab /var/lib/nfs/rmtab /var/lib/nfs/state /etc/exports /etc/machine-id && "
            + "mount -t nfsd nfsd /proc/fs/nfsd && mount -t rpc_pipefs rpc_pipefs /run/rpc_pipefs && rpcbind -w && sleep 1 && "
            + "rpc.statd --no-notify && rpc.nfsd -G 10 -L 10 4 && rpc.mountd </dev/null >/dev/null 2>&1").Ok();
    }
}

/// <summary>A host of an <see cref="NfsBox"/>. A script finds the mount of the export as $X, the store as $S, the root directory as
/// $R.</summary>
internal sealed class NfsHost(NfsBox box, string name, string id)
{
    private readonly Dictionary<string, string> environment = new()
    {
        ["X"] = box.Top + "/store", ["S"] = box.Top + "/store/kvol", ["R"] = $"{box.Top}/{name}/root", ["T"] = box.Top,
        ["KVOL_ROOT"] = box.Top + "/store/kvol", ["KVOL_RUN"] = $"{box.Top}/{name}/run", ["KVOL_CONFIG"] = $"{box.Top}/{name}/kvol.conf",
    };

    public string Name => name;

    public string Id => id;

    public string Root => $"{box.Top}/{name}/root";

    public Result Shell(string script)
    {
        using var command = StartShell(script);
        return command.Wait(300);
    }

    public GuestCommand StartShell(string script) => Start("bash", "-c", "set -o pipefail; " + script);

    public Result Kvol(params string[] arguments)
    {
        using var command = StartKvol(arguments);
        return command.Wait(300);
    }

    public GuestCommand StartKvol(params string[] arguments) => Start(["/usr/local/sbin/kvol", .. arguments]);

    public Result Mount(params string[] specs) => Kvol(["mount", Root, .. specs]);

    public Result Umount(params string[] destinations) => Kvol(["umount", Root, .. destinations]);

    public JsonElement Inspect(string volume) => JsonDocument.Parse(Kvol("inspect", volume).Ok().Out).RootElement[0];

    /// <summary>What a start of this host leaves of it: another boot, no mounts in the root directory, an empty run directory.</summary>
    public void Reboot() => Shell($"for m in $(grep -o \" $R/[^ ]*\" /proc/self/mountinfo); do umount $m; done; rm -rf $KVOL_RUN/*; "
        + $"cat /proc/sys/kernel/random/uuid >{box.Top}/{name}/boot").Ok();

    /// <summary>A directory in the root directory with a few files.</summary>
    public void Fill(string destination) =>
        Shell($"mkdir -p $R{destination}/sub && cd $R{destination} && for i in 1 2 3; do echo $i >f$i; done && ln f1 sub/hard && "
            + "ln -s f1 link").Ok();

    private GuestCommand Start(params string[] arguments) => Guest.Current.Start(
        ["sh", "-c", $"exec nsenter -t $(cat {box.Top}/{name}/pid) -m -u -- \"$@\"", "sh", .. arguments], environment, "/tmp");
}
