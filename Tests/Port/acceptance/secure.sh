#!/bin/sh
# Who gets to a volume, and what an administrator can rely on.
others_stay_out() { #: [once] Users of the host do not reach what is in a volume through the store.
    kvol mount -q "$R" web:/www
    chmod 755 "$scratch"
    if as_nobody cat "$(data web)/index.html" >/dev/null 2>&1; then fail "nobody read it"; fi
    mounted "$R/www"
}
not_as_user() { #: [once] A user that is not root is refused with the reason, and nothing is made.
    cp "$KVOL_BIN" "$scratch/kvol" && chmod 755 "$scratch/kvol" "$scratch"
    for verb in ls gc "create data" "mount $R web:/www"; do
        got=0
        # shellcheck disable=SC2086
        out=$(as_nobody "$scratch/kvol" $verb 2>&1) || got=$?
        same "$verb $got" "$verb 77"
    done
    unmounted "$R/www"
    volumes_are
}
run_directory_closed() { #: The run directory is root's, and others cannot write to it.
    kvol mount -q "$R" web:/www
    case $(mode "$KVOL_RUN") in *[2367] | *[2367]?) fail "$(mode "$KVOL_RUN")" ;; esac
    same "$(owner "$KVOL_RUN" | sed 's/:.*//')" 0
}
set_id_kept_inside() { #: A set-id file of a jail is kept, and the store around it is closed.
    : >"$R/www/set-id"
    chmod 4755 "$R/www/set-id"
    kvol mount -q "$R" web:/www
    same "$(mode "$(data web)/set-id")" 4755
    same "$(mode "$vols")" 0700
    kvol umount "$R"
    rm "$R/www/set-id"
}
umask_matters_not() { #: What kvol makes does not depend on the umask.
    (umask 077 && kvol mount -q "$R" data:/made/mnt)
    same "$(mode "$R/made")" 0755
    (umask 000 && kvol create other)
    same "$(mode "$vols")" 0700
}
inherited_acl() { #: [acl freebsd] ACLs that directories above hand on do not open the store.
    mkdir "$outside"
    case $place in
    zfs*) zfs set aclinherit=passthrough "${pool}" 2>/dev/null || :; setfacl -m u:1003:rxaRcs:fd:allow "$outside" ;;
    *) setfacl -d -m u::rwx,g::rx,o::rx,m::rwx,u:1003:rx "$outside" ;;
    esac
    kvol --root "$outside/store" create data
    case $(getfacl -nq "$outside/store/volumes") in *1003*) fail "user 1003 has rights" ;; esac
    kvol --root "$outside/store" rm data
}
acl_never_widens() { #: [freebsd zfs] Where a POSIX.1e ACL cannot be kept the mode does not give its mask to the group.
    disk_here=$(mdconfig -a -t swap -s 16m) || fail "no memory disk"
    newfs "/dev/$disk_here" >/dev/null
    mkdir "$outside"
    mount -o acls "/dev/$disk_here" "$outside"
    mkdir "$outside/tree"
    : >"$outside/tree/file"
    chmod 640 "$outside/tree/file"
    setfacl -m u:1001:rw,g::r,m::rw "$outside/tree/file"
    kvol create data
    out=$(kvol seed data "$outside/tree" 2>&1) || :
    umount "$outside"
    mdconfig -d -u "$disk_here"
    says file ACL
    same "$(mode "$(data data)/file")" 0640
}
