#!/bin/sh
# Something else is there already: refused with 75, and nothing is changed.
other_volume_there() { #: Another volume on the same place is refused with both named, and no volume is made.
    kvol mount -q "$R" web:/www
    want 75 kvol mount "$R" other:/www
    says web other 'kvol umount'
    mounted "$R/www"
    volumes_are web
}
other_options_there() { #: The same volume with other options is refused, and not remounted.
    kvol mount -q "$R" web:/www
    want 75 kvol mount "$R" web:/www:ro
    want 75 kvol mount "$R" web:/www:nosuid
    : >"$R/www/new"
    mounted "$R/www"
}
writable_over_read_only() { #: A read-only mount does not become writable.
    kvol mount -q "$R" web:/www:ro
    want 75 kvol mount "$R" web:/www
    refused "$R/www/new"
    mounted "$R/www"
}
host_mount_there() { #: A mount of somebody else is not covered silently and never peeled.
    mkdir -p "$outside" "$R/foreign"
    write "$outside/file" foreign
    host_mount "$outside" "$R/foreign"
    got=0
    out=$(kvol mount "$R" data:/foreign:nocopy 2>&1) || got=$?
    case $got in
    75) holds "$R/foreign/file" foreign ;;
    0) kvol umount "$R" ;;
    *) fail "exit $got: $out" ;;
    esac
    mounted "$R/foreign"
    kvol ls -q >/dev/null
    umount "$R/foreign"
    differ "$out" ''
}
host_source_conflict() { #: A host mount where another host directory is mounted is refused.
    mkdir -p "$outside/one" "$outside/two"
    kvol mount -q "$R" "$outside/one:/mnt"
    want 75 kvol mount "$R" "$outside/two:/mnt"
    says "$outside/one"
    mounted "$R/mnt"
}
second_jail_conflict() { #: A jail does not take over what another one has attached.
    kvol attach -q one "$R" web:/www
    want 75 kvol attach two "$R" other:/www
    says one
    want 0 kvol mounts -H
    says "web	rw	one	$R/www"
    mounted "$R/www"
}
one_of_several_conflicts() { #: A conflict of one specification undoes the others of the command.
    kvol mount -q "$R" web:/www
    want 75 kvol mount "$R" data:/srv other:/www
    unmounted "$R/srv"
    gone "$R/srv"
    volumes_are web
}
rm_while_elsewhere() { #: A volume that another root directory has mounted is not removed.
    kvol mount -q "$R" web:/www
    kvol mount -q "$S" web:/srv:ro
    want 75 kvol rm web
    says "$R/www"
    kvol umount "$R"
    want 75 kvol rm web
    says "$S/srv"
    volumes_are web
}
seed_while_mounted() { #: A volume that is mounted is not seeded by hand.
    kvol mount -q "$S" data:/srv
    want 75 kvol seed data "$R/www"
    says 'kvol umount'
    gone "$S/srv/index.html"
}
unwritable_kept_name() { #: A mount point that is a link to a mounted place is the same place.
    kvol mount -q "$R" web:/www
    ln -s www "$R/alias"
    want 0 kvol mount -q "$R" web:/alias
    mounted "$R/www"
    want 75 kvol mount "$R" other:/alias
}
