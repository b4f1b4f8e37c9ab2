#!/bin/sh
# create -o, --quota, set and get of what a store has.
quota_by_create() { #: [zfs] create --quota limits the volume itself.
    kvol create --quota 5M data
    same "$(zfs get -H -p -o value refquota "$pool/kvol/volumes/data")" 5242880
    want 0 kvol get -H data quota
    says quota 5
}
quota_changed() { #: [zfs] set quota= changes and lifts it.
    kvol create data
    kvol set -q data quota=7M
    same "$(zfs get -H -p -o value refquota "$pool/kvol/volumes/data")" 7340032
    kvol set -q data quota=none
    same "$(zfs get -H -p -o value refquota "$pool/kvol/volumes/data")" 0
}
quota_refused() { #: [dir] A quota is set, or refused where the file system holds none.
    got=0
    out=$(kvol create --quota 5M data 2>&1) || got=$?
    case $got in 0) says data ;; 69) says quota ;; *) fail "exit $got: $out" ;; esac
    kvol create other
}
dataset_properties() { #: [zfs] create -o sets properties of the dataset, and a bad one is refused.
    kvol create -o compression=gzip -o recordsize=16K data
    same "$(zfs get -H -o value compression "$pool/kvol/volumes/data")" gzip
    same "$(zfs get -H -p -o value recordsize "$pool/kvol/volumes/data")" 16384
    want 64 kvol create -o nonsense=1 other
    volumes_are data
}
set_properties() { #: [zfs] set changes compression, recordsize, atime, reservation and readonly.
    kvol create data
    want 0 kvol set data compression=off recordsize=32K atime=off reservation=1M
    for pair in compression=off atime=off; do
        same "$(zfs get -H -o value ${pair%%=*} "$pool/kvol/volumes/data")" ${pair#*=}
    done
    kvol set -q data readonly=on
    refused "$(data data)/file"
    want 0 kvol get data
    says readonly on
}
set_together() { #: [zfs] set with one bad value changes nothing.
    kvol create data
    want 64 kvol set data atime=off compression=nonsense
    differ "$(zfs get -H -o value atime "$pool/kvol/volumes/data")" off
}
readonly_seeding() { #: [zfs] A read-only dataset is not seeded, and the reason is given.
    kvol create data
    zfs set readonly=on "$pool/kvol/volumes/data"
    got=0
    out=$(kvol mount "$R" data:/www 2>&1) || got=$?
    differ $got 0
    says data
    unmounted "$R/www"
}
bad_sizes() { #: A size that is none is refused.
    want 64 kvol create --quota much data
    want 64 kvol create --quota -1 data
    kvol create data
    want 64 kvol set data quota=much
    volumes_are data
}
