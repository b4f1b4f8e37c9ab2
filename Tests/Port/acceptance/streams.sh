#!/bin/sh
# ZFS streams, with kvol and with zfs(8).
stream_round() { #: [zfs] A stream is exported and imported, and holds the same.
    kvol mount -q "$R" web:/www
    kvol umount "$R"
    before=$(manifest "$(data web)")
    want 0 kvol export --format zfs -o "$scratch/s" web
    want 0 kvol import new "$scratch/s"
    same "$(manifest "$(data new)")" "$before"
    wipe new
}
# Removes a volume with its snapshots.
wipe() { for volume; do zfs destroy -r "$pool/kvol/volumes/$volume"; done; }
stream_attributes() { #: [zfs attributes] Extended attributes go through a stream, those that compress well too.
    kvol create data
    value=$(printf '%03000d' 0)
    : >"$(data data)/file"
    set_attribute "$(data data)/file" big "$value"
    set_attribute "$(data data)/file" small blue
    kvol export --format zfs -o "$scratch/s" data
    kvol import -q new "$scratch/s"
    same "$(attribute "$(data new)/file" big)" "$value"
    same "$(attribute "$(data new)/file" small)" blue
    kvol export --raw --format zfs -o "$scratch/s" data
    kvol import -q raw "$scratch/s"
    same "$(attribute "$(data raw)/file" big)" "$value"
    wipe data new raw
}
stream_to_receive() { #: [zfs] zfs receive takes what kvol exports.
    kvol create data
    write "$(data data)/file" kept
    kvol snapshot data@a >/dev/null
    kvol export --format zfs data@a | zfs receive -u "$pool/received"
    same "$(zfs list -H -o name -t snapshot -r "$pool/received")" "$pool/received@a"
    zfs destroy -r "$pool/received"
    wipe data
}
stream_from_send() { #: [zfs send] kvol imports what zfs send makes.
    kvol create data
    write "$(data data)/file" kept
    zfs snapshot "$pool/kvol/volumes/data@a"
    zfs send "$pool/kvol/volumes/data@a" | kvol import -q new
    holds "$(data new)/file" kept
    wipe data new
}
stream_increment() { #: [zfs] export -i and import --into carry over what changed.
    kvol create data
    write "$(data data)/file" first
    kvol snapshot data@a >/dev/null
    kvol export --format zfs data@a | kvol import -q new
    write "$(data data)/file" second
    kvol snapshot data@b >/dev/null
    kvol export --format zfs -i a data@b | kvol import -q --into new
    holds "$(data new)/file" second
    wipe data new
}
stream_cut() { #: [zfs] A stream that is cut off is 65 and leaves nothing.
    kvol create data
    dd if=/dev/urandom of="$(data data)/file" bs=65536 count=16 2>/dev/null
    kvol export --format zfs -o "$scratch/s" data
    dd if="$scratch/s" of="$scratch/cut" bs=65536 count=9 2>/dev/null
    want 65 kvol import new "$scratch/cut"
    volumes_are data
    wipe data
}
stream_resumed() { #: [zfs send] import --resume keeps what came, and goes on from there.
    kvol create data
    dd if=/dev/urandom of="$(data data)/file" bs=65536 count=32 2>/dev/null
    kvol snapshot data@a >/dev/null
    kvol export --format zfs -o "$scratch/s" data@a
    dd if="$scratch/s" of="$scratch/cut" bs=65536 count=20 2>/dev/null
    want 65 kvol import --resume new "$scratch/cut"
    want 0 kvol inspect new
    case $out in *'"receive_resume_token": "'*) ;; *) fail "no token: $out" ;; esac
    token=${out#*'"receive_resume_token": "'}
    zfs send -t "${token%%\"*}" | kvol import --resume -q new
    cmp "$(data data)/file" "$(data new)/file"
    wipe data new
}
stream_given_up() { #: [zfs] rm gives up a volume that is receiving, and it cannot be mounted.
    kvol create data
    dd if=/dev/urandom of="$(data data)/file" bs=65536 count=32 2>/dev/null
    kvol snapshot data@a >/dev/null
    kvol export --format zfs -o "$scratch/s" data@a
    dd if="$scratch/s" of="$scratch/cut" bs=65536 count=20 2>/dev/null
    want 65 kvol import --resume new "$scratch/cut"
    want 69 kvol mount "$R" new:/mnt
    says "not complete" "kvol rm new"
    unmounted "$R/mnt"
    kvol rm new
    wipe data
}
stream_junk() { #: [zfs] What is no stream is 65.
    dd if=/dev/urandom of="$scratch/s" bs=4096 count=4 2>/dev/null
    want 65 kvol import new "$scratch/s"
    volumes_are
}
