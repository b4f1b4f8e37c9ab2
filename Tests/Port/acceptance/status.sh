#!/bin/sh
# Every exit status, once more in one place.
status_0() { #: [once] 0: done, or there was nothing to do.
    want 0 kvol create data
    says data
    want 0 kvol umount "$R"
    want 0 kvol gc
}
status_1() { #: [once] 1: at least one of several operands failed.
    kvol create data
    want 1 kvol rm data nothing
    want 1 kvol inspect nothing nothing2
}
status_64() { #: [once] 64: usage, a bad name or a bad specification.
    want 64 kvol create 'a b'
    want 64 kvol mount "$R" web
    want 64 kvol --nonsense
}
status_65() { #: [once] 65: damaged metadata or archive.
    write "$scratch/junk" 'no archive at all'
    want 65 kvol import data "$scratch/junk"
    : >"$scratch/junk"
    want 65 kvol import data "$scratch/junk"
    volumes_are
}
status_66() { #: [once] 66: no such volume, source or root directory.
    want 66 kvol inspect nothing
    want 66 kvol mount "$R" "$fs/nothing:/mnt"
    want 66 kvol mount "$fs/nothing" data:/mnt
    want 66 kvol seed nothing "$R/etc"
}
status_69() { #: [dir] 69: what only a ZFS store can do is refused with the way out.
    kvol create data
    want 69 kvol create -o compression=lz4 other
    want 69 kvol export --format zfs -o "$scratch/stream" data
    want 69 kvol load-key data
    want 69 kvol unload-key data
    volumes_are data
}
status_71() { #: [once] 71: a system call failed.
    kvol create data
    seen=
    for files in 5 6 7 8 9 10 11 12; do
        got=0
        out=$(sh -c 'ulimit -n "$1" && exec "$0" ls' "$KVOL_BIN" "$files" 2>&1) || got=$?
        case $got.$out in 71."kvol: "*) seen=$files ;; esac
    done
    [ -n "$seen" ] || fail "exit $got with few descriptors: $out"
}
status_73() { #: [once] 73: something cannot be created, or is not empty.
    kvol create one
    kvol seed -q one "$R/etc"
    want 73 kvol seed one "$R/etc"
    want 73 kvol clone one one
    want 73 kvol mount "$R" one:/etc/hosts
}
status_75() { #: [once] 75: busy, or something else is mounted there.
    kvol mount -q "$R" web:/www
    want 75 kvol rm web
    want 75 kvol rename web other
    want 75 kvol mount "$R" other:/www
}
status_77() { #: [once] 77: not permitted, as a user that is not root.
    cp "$KVOL_BIN" "$scratch/kvol" && chmod 755 "$scratch/kvol" && chmod 711 "$scratch"
    got=0
    out=$(as_nobody "$scratch/kvol" ls 2>&1) || got=$?
    [ $got = 77 ] || fail "exit $got: $out"
    says 'kvol: ' root
}
status_78() { #: [once] 78: the configuration is wrong, or the store that it names is not there.
    write "$scratch/own.conf" 'nonsense = 1'
    want 78 configured ls
    want 78 kvol --root "$fs/nothing/store" ls
}
status_with_one_operand() { #: With one operand the status is that of its failure, with several it is 1.
    want 66 kvol rm nothing
    want 66 kvol undelete nothing
    want 1 kvol undelete nothing nothing2
}
status_by_signal() { #: A command that is interrupted dies by the signal.
    forest "$R/big" 60
    rounds=0
    while :; do
        "$KVOL_BIN" mount -q "$R" big:/big &
        child=$!
        until staged big || ! alive $child; do :; done
        kill -TERM $child 2>/dev/null || :
        got=0
        wait $child 2>/dev/null || got=$?
        [ $got = 0 ] || break
        kvol umount "$R"
        kvol rm big >/dev/null
        rounds=$((rounds + 1))
        [ $rounds -lt 20 ] || fail "no signal came in time"
    done
    same $got 143
    unmounted "$R/big"
}
