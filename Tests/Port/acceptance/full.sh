#!/bin/sh
# No space left: all or nothing, status 73, and it works when room is made.
F=$fs/full small=1 small_root=$(small_root)
begin_full() {
    mkdir -p "$F/www"
    dd if=/dev/urandom of="$F/www/file" bs=1048576 count=10 2>/dev/null
    echo small >"$F/www/small"
    mkdir "$F/small"
    echo small >"$F/small/file"
    make_small
    kvol --root "$small_root" init >/dev/null
}
end_full() {
    kvol --root "$small_root" umount -f "$F"
    umount_all "$F/"
    drop_small
    table_has "$F/" || rm -rf "$F"
}
in_small() { "$KVOL_BIN" --root "$small_root" "$@"; }
small_empty() { # no volume is left, and no room is lost
    for volume in $(in_small ls -q); do in_small rm -f "$volume" >/dev/null; done
    in_small gc >/dev/null
    same "$(in_small ls -q)" ''
}
full_seeding() { #: A seeding that runs out of space is 73, and leaves neither volume nor mount nor copy.
    want 73 in_small mount "$F" big:/www
    says 'kvol: '
    unmounted "$F/www"
    same "$(in_small ls -q)" ''
    want 0 in_small mount -q "$F" tiny:/small
    mounted "$F/small"
    in_small umount "$F"
    small_empty
}
full_existing() { #: A volume that was there before stays, empty.
    in_small create big
    want 73 in_small mount "$F" big:/www
    same "$(in_small ls -q --filter state=empty)" big
    small_empty
}
full_several() { #: The other mounts of the command are undone.
    want 73 in_small mount "$F" tiny:/small big:/www
    unmounted "$F/www" "$F/small"
    same "$(in_small ls -q)" ''
    small_empty
}
full_then_room() { #: When room is made the same command works.
    mkdir "$F/half"
    dd if=/dev/urandom of="$F/half/file" bs=1048576 count=3 2>/dev/null
    dd if=/dev/urandom of="$scratch/small/ballast" bs=262144 count=40 2>/dev/null || :
    want 73 in_small mount "$F" half:/half
    rm "$scratch/small/ballast"
    eventually in_small mount -q "$F" half:/half
    cmp "$F/half/file" "$(small_data half)/file"
    mounted "$F/half"
    in_small umount "$F"
    rm -r "$F/half"
    small_empty
}
small_data() { case $store in zfs) echo "$scratch/small/store/volumes/$1" ;; *) echo "$scratch/small/store/volumes/$1/data" ;; esac; }
full_clone() { #: An import that runs out of space is 73, and leaves no volume.
    tar -cf "$scratch/full.tar" -C "$F/www" .
    want 73 in_small import big "$scratch/full.tar"
    rm "$scratch/full.tar"
    same "$(in_small ls -q)" ''
    small_empty
}
full_export() { #: An export to a full file system fails, and leaves no file.
    kvol create data
    kvol seed -q data "$F/www"
    got=0
    out=$(kvol export -o "$scratch/small/out.tar" data 2>&1) || got=$?
    case $got in 71 | 73) ;; *) fail "exit $got: $out" ;; esac
    gone "$scratch/small/out.tar"
}
quota_seeding() { #: [zfs] A seeding that its quota is too small for is 73, and a larger quota lets it through.
    kvol create --quota 2M big
    zfs set compression=off "$pool/kvol/volumes/big"
    want 73 kvol mount "$F" big:/www
    unmounted "$F/www"
    same "$(kvol ls -q --filter state=empty)" big
    kvol set -q big quota=40M
    eventually kvol mount -q "$F" big:/www
    mounted "$F/www"
    kvol umount "$F"
}
quota_written() { #: [zfs] What a jail writes ends at the quota.
    kvol create --quota 2M data
    zfs set compression=off "$pool/kvol/volumes/data"
    kvol mount -q "$R" data:/mnt
    # Not by cp(1) or cat(1), which clone blocks where they can: ZFS takes a clone of any size, until it has counted it.
    if dd if="$F/www/file" of="$R/mnt/file" bs=65536 2>/dev/null; then fail "no end"; fi
    want 0 kvol ls -H -o quota data
    case $out in 2097152 | 2M | 2.0M*) ;; *) fail "$out" ;; esac
}
