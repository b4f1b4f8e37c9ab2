namespace Kvol.Commands;

/// <summary>Two or three examples of each verb for its help.</summary>
internal static class Examples
{
    public static string[] Of(string verb) => verb switch
    {
        "create" => ["kvol create web", "kvol create db --quota 10G -l tier=back -o recordsize=16K", "name=$(kvol create)"],
        "ls" => ["kvol ls", "kvol ls -o name,used,quota --sort used", "kvol ls -q --filter mounted=false --filter until=30d"],
        "show" => ["kvol show web", "kvol info web"],
        "inspect" => ["kvol inspect web", "kvol inspect web | jq -r '.[0].mountpoint'"],
        "exists" => ["kvol exists web || kvol create web --quota 10G", "if kvol exists web; then kvol snapshot web; fi"],
        "df" => ["kvol df", "kvol df -H web", "kvol df --format prometheus >kvol.new && mv kvol.new kvol.prom"],
        "get" => ["kvol get web", "kvol get -H web quota label.tier"],
        "set" =>
        [
            "kvol set web quota=10G", "kvol set web label.tier=front label.old=", "kvol set web snapshots=hourly:24,daily:7,weekly:4",
        ],
        "rename" => ["kvol rename web www", "kvol rename --json web www"],
        "seed" => ["kvol seed web /usr/local/www/nginx", "kvol seed --recursive home /usr/home"],
        "adopt" => ["kvol adopt /srv/www web", "kvol adopt zroot/data/db db -l tier=back"],
        "release" => ["kvol release web /srv/www", "kvol release db zroot/data/db --mountpoint /srv/db"],
        "oci" =>
        [
            "podman run --annotation org.kvol.volume.1=web:/srv/www IMAGE",
            "kvol oci precreate >new.json <config.json && mv new.json config.json", "runc state www | kvol oci poststop",
        ],
        "import-from" =>
        [
            "kvol import-from docker /var/lib/docker", "kvol import-from -y podman /var/lib/containers/storage --rootdir /jails",
            "kvol import-from fstab /etc/fstab.www --rootdir /jails/www --jail www",
        ],
        "rm" => ["kvol rm web", "kvol rm --keep 7d web db", "kvol rm --now web", "kvol rm web@before"],
        "undelete" => ["kvol ls --deleted", "kvol undelete web"],
        "prune" => ["kvol prune -n", "kvol prune -y --all --unused 30d --filter label!=backup", "kvol prune --deleted"],
        "mount" =>
        [
            "kvol mount /jails/www web:/usr/local/www/nginx", "kvol mount /jails/backup web:/srv/web:ro /var/cache/pkg:/var/cache/pkg:ro",
            "kvol mount /jails/www type=volume,source=web,destination=/srv,readonly",
            "kvol mount /jails/www web@before:/srv/before",
            "kvol mount /jails/www type=tmpfs,destination=/tmp,size=64m,mode=1777",
        ],
        "umount" => ["kvol umount /jails/www", "kvol umount /jails/www /usr/local/www/nginx"],
        "mounts" => ["kvol mounts", "kvol mounts -H | cut -f 5"],
        "attach" =>
        [
            "kvol attach www /jails/www web:/usr/local/www/nginx", "kvol attach --snapshot www /jails/www --file /etc/www.specs",
            "exec.prestart += \"/usr/local/sbin/kvol attach $name $path web:/srv\";",
        ],
        "detach" => ["kvol detach www", "exec.poststop += \"/usr/local/sbin/kvol detach $name $path\";"],
        "gc" => ["kvol gc -n", "kvol gc"],
        "apply" => ["kvol apply -n /etc/kvol.json", "kvol apply --prune /etc/kvol.json", "ssh host kvol dump | kvol apply -"],
        "diff" => ["kvol diff /etc/kvol.json", "kvol diff -q /etc/kvol.json || kvol apply /etc/kvol.json"],
        "dump" => ["kvol dump >/etc/kvol.json", "kvol dump | kvol diff -"],
        "snapshot" => ["kvol snapshot web@before", "kvol snapshot --name before web db", "kvol snapshot --jail www --name before",
            "kvol snapshot --due -n"],
        "rollback" => ["kvol rollback -r web@before", "kvol rollback --jail www --to before"],
        "clone" => ["kvol clone web web-test", "kvol clone web@before old"],
        "export" =>
        [
            "kvol export web -o web.tar", "kvol export web | zstd >web.tar.zst",
            "kvol export web@b --format zfs --since a | ssh host kvol import --into web",
        ],
        "import" => ["kvol import web web.tar", "zstd -dc web.tar.zst | kvol import web"],
        "init" => ["kvol init --default zroot/kvol", "kvol init /var/db/kvol"],
        "doctor" => ["kvol doctor", "kvol doctor --json"],
        "plugin" => ["systemctl enable --now kvol-plugin.socket", "podman volume create --driver kvol -o quota=10G web"],
        "load-key" => ["kvol load-key web", "kvol load-key --key-file /root/web.key web"],
        "unload-key" => ["kvol unload-key web", "kvol unload-key --json web"],
        "completion" => ["kvol completion bash | tee /etc/bash_completion.d/kvol", "eval \"$(kvol completion zsh)\""],
        "help" => ["kvol help", "kvol help mount"],
        _ => ["kvol version", "kvol --version"],
    };
}
