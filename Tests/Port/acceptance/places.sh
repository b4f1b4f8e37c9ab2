#!/bin/sh
# Where acceptance.sh runs its checks: each place is a file system for root directories, $fs, and a store, $KVOL_ROOT.
pool= disk= fs= small=
R= S= jails= vols= outside=

type_here() {
    case $system in
    FreeBSD) df -T "$scratch" | awk 'NR == 2 { print $2 }' ;;
    *) stat -f -c %T "$scratch" | sed 's,ext2/ext3,ext4,' ;;
    esac
}

# Fails, with the reason in $missing, where the machine cannot have it.
enter_place() {
    fs=$scratch/fs store=dir
    mkdir -p "$fs" || return 1
    case $place in
    here)
        where="directory store on $(type_here)"
        ;;
    tmpfs)
        where="directory store on tmpfs"
        missing="no tmpfs can be mounted"
        mount -t tmpfs -o mode=755 tmpfs "$fs" 2>/dev/null || return 1
        ;;
    ufs)
        where="directory store on UFS"
        missing="no memory disk with UFS can be made"
        make_disk 512m "$fs" 2>/dev/null || return 1
        ;;
    zfsdir)
        where="directory store on ZFS"
        make_pool || return 1
        fs=$scratch/zfs
        ;;
    zfs)
        where="ZFS store" store=zfs
        make_pool || return 1
        fs=$scratch/zfs
        ;;
    *)
        where=$place missing="no such place"
        return 1
        ;;
    esac
    jails=$fs/jails outside=$fs/outside
    R=$jails/www S=$jails/second
    if [ "$store" = zfs ]; then
        export KVOL_ROOT="$pool/kvol"
        vols=$fs/kvol/volumes
        kvol init >/dev/null || { missing="kvol init failed"; failed=$((failed + 1)); return 1; }
    else
        export KVOL_ROOT="$fs/store"
        vols=$fs/store/volumes
    fi
}

leave_place() {
    [ -n "$fs" ] || return 0
    drop_small
    case $fs in
    "$scratch/zfs")
        [ "$system" = Linux ] || chflags -R 0 "$fs/jails" "$fs/store" 2>/dev/null
        zfs destroy -r "$pool/kvol" 2>/dev/null
        rm -rf "$fs/jails" "$fs/outside" "$fs/store" "$fs/exact" "$fs/probe"
        ;;
    *)
        umount "$fs" 2>/dev/null
        drop_disk "$disk"
        disk=
        table_has "$fs" || { [ "$system" = Linux ] || chflags -R 0 "$fs"; rm -rf "$fs"; }
        ;;
    esac
    rm -rf "$scratch/fs" "$KVOL_RUN"
    fs=
}

# A memory disk with UFS, mounted with ACLs; its name is in $disk.
make_disk() { # SIZE DIRECTORY
    command -v mdconfig >/dev/null && disk=$(mdconfig -a -t swap -s "$1") || return 1
    newfs -U "/dev/$disk" >/dev/null && mount -o acls "/dev/$disk" "$2" && chmod 755 "$2" && return 0
    drop_disk "$disk"
    return 1
}
drop_disk() { [ -z "$1" ] || mdconfig -d -u "$1"; }

# The dataset $pool, mounted on $scratch/zfs, in a pool that is given or made.
made_pool=
make_pool() {
    [ -z "$pool" ] || return 0
    missing="no zpool(8) here"
    command -v zpool >/dev/null || return 1
    missing="no pool can be made: is the module zfs loaded?"
    base=${KVOL_TEST_POOL-}
    if [ -z "$base" ]; then
        base=kvolacceptance$$
        truncate -s 768m "$scratch/vdev" &&
            zpool create -f -o cachefile=none -O mountpoint=none "$base" "$scratch/vdev" 2>"$scratch/zpool" || {
                missing="$missing ($(cat "$scratch/zpool"))"
                return 1
            }
        made_pool=$base
    fi
    pool=$base/acceptance$$
    set -- -o "mountpoint=$scratch/zfs"
    [ "$system" = FreeBSD ] || set -- "$@" -o acltype=posixacl -o xattr=sa
    zfs create "$@" "$pool" || { pool=; return 1; }
}
drop_pool() {
    [ -z "$pool" ] || zfs destroy -r "$pool"
    [ -z "$made_pool" ] || zpool destroy -f "$made_pool"
}

# A second store on a file system of a few megabytes, on $scratch/small.
small_root() { case $place in zfs) echo "$pool/small/store" ;; *) echo "$scratch/small/store" ;; esac; }
make_small() {
    mkdir -p "$scratch/small"
    case $place in
    here | tmpfs) mount -t tmpfs -o size=6m,mode=755 tmpfs "$scratch/small" ;;
    ufs)
        make_disk 8m "$scratch/small"
        echo "$disk" >"$scratch/small.disk"
        ;;
    *)
        zfs create -o quota=8m -o compression=off -o "mountpoint=$scratch/small" "$pool/small"
        ;;
    esac
}
drop_small() {
    [ -n "$small" ] || return 0
    small=
    case $place in
    zfs | zfsdir) zfs destroy -r "$pool/small" ;;
    *)
        umount "$scratch/small"
        [ ! -e "$scratch/small.disk" ] || drop_disk "$(cat "$scratch/small.disk")"
        rm -f "$scratch/small.disk"
        ;;
    esac
}

# What every check finds: a root directory with a directory www to be covered, and a second, empty one.
fixture() {
    [ ! -e "$R/.made" ] || return 0
    mkdir -p "$R/www/sub" "$R/etc" "$R/empty" "$S"
    echo index >"$R/www/index.html"
    echo secret >"$R/www/.htpasswd"
    echo deep >"$R/www/sub/file"
    ln "$R/www/index.html" "$R/www/index.htm"
    ln -s ../../nowhere "$R/www/link"
    chown -R 80:81 "$R/www"
    chmod 750 "$R/www"
    chown 7:8 "$R/empty"
    chmod 711 "$R/empty"
    echo 127.0.0.1 >"$R/etc/hosts"
    : >"$R/.made"
}
# Where the content of a volume lies.
data() { case $store in zfs) echo "$vols/$1" ;; *) echo "$vols/$1/data" ;; esac; }

# Takes away what a check left, volumes by kvol itself, but for the volume $kept that the checks of a file share.
# What it cannot take away fails the check.
clear_all() {
    left= bad=0
    for path in "$vols"/*; do
        case ${path##*/} in "$kept" | '*') ;; *) [ ! -d "$path" ] || left="$left ${path##*/}" ;; esac
    done
    # shellcheck disable=SC2086
    [ -z "$left" ] || kvol rm -f $left >/dev/null 2>&1
    table=$(mount)
    case $table in
    *" on $jails/"* | *" on $outside/"*)
        for path in "$jails"/*; do kvol umount -f "$path" >/dev/null 2>&1; done
        umount_all "$jails/"
        umount_all "$outside/"
        table=$(mount)
        ;;
    esac
    for path in "$vols"/*; do
        [ ! -d "$path" ] || [ "${path##*/}" = "$kept" ] || { echo "$path: is left"; bad=1; remove_volume "${path##*/}"; }
    done
    case $table in *" on $jails/"* | *" on $outside/"*) echo "mounts are left below $fs"; return 1 ;; esac
    set --
    for path in "$jails"/* "$R"/* "$R"/.[!.]* "$S"/* "$outside"; do
        case ${path#"$jails/"} in www | second | www/www | www/etc | www/empty | www/.made | *'*' | *'.[!.]*') continue ;; esac
        set -- "$@" "$path"
    done
    for path in "$R"/etc/* "$R"/empty/* "$R"/empty/.[!.]*; do
        case $path in "$R/etc/hosts" | *'*' | *'.[!.]*') continue ;; esac
        set -- "$@" "$path"
    done
    [ $# = 0 ] || rm -rf "$@" 2>/dev/null || { [ "$system" = Linux ] || chflags -R 0 "$@"; rm -rf "$@"; }
    # Attachments of a check are over with it, whoever unmounted what.
    if [ -z "$kept" ]; then
        set -- "$KVOL_RUN"/roots/*
        [ ! -e "$1" ] || rm -f "$@"
    fi
    [ "$bad" = 0 ]
}
# Mounts that kvol does not undo are the check's own; the last that was made goes first.
umount_all() { # PREFIX
    for round in 1 2 3 4 5 6 7 8; do
        paths=$(mount | sed -n "s|.* on \($1[^ ]*\) .*|\1|p" | sort -r)
        [ -n "$paths" ] || return 0
        for path in $paths; do umount -f "$path"; done
    done
}
# A check that failed may leave datasets that are mounted nowhere; the next check must not meet them.
clear_datasets() {
    [ "$store" = zfs ] || return 0
    for name in $(zfs list -H -o name -d 1 "$pool/kvol/volumes"); do
        case $name in "$pool/kvol/volumes" | "$pool/kvol/volumes/$kept") ;; *) zfs destroy -rR "$name" ;; esac
    done
}
remove_volume() { # NAME
    if [ "$store" = zfs ]; then
        zfs destroy -rR "$pool/kvol/volumes/$1"
    else
        [ "$system" = Linux ] || chflags -R 0 "$vols/$1"
        rm -rf "${vols:?}/$1"
    fi
}
