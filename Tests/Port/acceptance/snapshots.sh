#!/bin/sh
# snapshot, rollback, clone of a snapshot: of every ZFS store; of a directory store what it answers.
snapshot_refused() { #: [dir] Where no blocks can be shared a snapshot is refused with what to do instead.
    kvol create data
    case $(stat_type) in xfs | btrfs) kvol snapshot data@a; kvol rm data@a; return 0 ;; esac
    want 69 kvol snapshot data
    # XFS and btrfs are Linux's.
    [ "$side" != FreeBSD ] || lacks XFS btrfs
    says 'kvol clone' 'kvol init'
    want 66 kvol rollback data@a
}
stat_type() { case $system in FreeBSD) echo ufs ;; *) stat -f -c %T "$vols" ;; esac; }
snapshot_keeps() { #: [zfs] A snapshot keeps what the volume held, and rollback gives it back.
    kvol create data
    write "$(data data)/file" old
    same "$(kvol snapshot data@before)" data@before
    write "$(data data)/file" new
    want 0 kvol rollback data@before
    holds "$(data data)/file" old
    kvol rm data@before
}
snapshot_named() { #: [zfs] A snapshot without a name is called by the time; several are taken by one command.
    kvol create one
    kvol create two
    case $(kvol snapshot one) in one@20*Z) ;; *) fail "name" ;; esac
    want 0 kvol snapshot --json one@x two@x
    says one@x two@x
    want 73 kvol snapshot one@x
    want 66 kvol snapshot nothing@x
    zfs destroy -r "$pool/kvol/volumes/one"
    zfs destroy -r "$pool/kvol/volumes/two"
}
snapshot_listed() { #: [zfs] ls -t snapshot lists them, and rm removes one.
    kvol create data
    kvol snapshot data@a >/dev/null
    kvol snapshot data@b >/dev/null
    want 0 kvol ls -H -t snapshot
    says data@a data@b
    same "$(kvol rm data@a)" data@a
    want 0 kvol ls -H -t snapshot
    lacks data@a
    want 66 kvol rm data@a
    kvol rm data@b
}
rollback_newer() { #: [zfs] rollback past newer snapshots needs -r.
    kvol create data
    kvol snapshot data@a >/dev/null
    kvol snapshot data@b >/dev/null
    got=0
    out=$(kvol rollback data@a 2>&1) || got=$?
    differ $got 0
    says "newer snapshots exist: b" -r
    want 0 kvol rollback -r data@a
    says data@b
    kvol rm data@a
}
rollback_mounted() { #: [zfs] rollback of a mounted volume needs -f.
    kvol mount -q "$R" web:/www
    kvol snapshot web@a >/dev/null
    write "$R/www/index.html" changed
    want 75 kvol rollback web@a
    holds "$R/www/index.html" changed
    want 0 kvol rollback -f web@a
    holds "$(data web)/index.html" index
    kvol umount "$R"
    kvol rm web@a
}
clone_of_snapshot() { #: [zfs] A clone of a snapshot holds what that held.
    kvol create data
    write "$(data data)/file" old
    kvol snapshot data@a >/dev/null
    write "$(data data)/file" new
    kvol clone -q data@a copy
    holds "$(data copy)/file" old
    want 0 kvol inspect copy
    says data@a
    kvol rm copy
    kvol rm data@a
}
clone_promoted() { #: [zfs] clone --promote lets the old volume be removed first.
    kvol create data
    write "$(data data)/file" old
    kvol clone -q --promote data copy
    kvol rm data
    holds "$(data copy)/file" old
    zfs destroy -r "$pool/kvol/volumes/copy"
}
rm_with_snapshots() { #: [zfs] A volume with clones is not removed, and they are named.
    kvol create data
    kvol snapshot data@a >/dev/null
    kvol clone -q data@a copy
    want 75 kvol rm data
    says copy
    kvol rm copy
    volumes_are data
    zfs destroy -r "$pool/kvol/volumes/data"
}
df_snapshots() { #: [zfs] df tells what snapshots hold.
    kvol create data
    dd if=/dev/urandom of="$(data data)/file" bs=65536 count=16 2>/dev/null
    kvol snapshot data@a >/dev/null
    rm "$(data data)/file"
    zpool sync "${pool%%/*}"
    set -- $(kvol df -H data)
    [ "$5" -gt 1000000 ] || fail "$*"
    kvol rm data@a
}
