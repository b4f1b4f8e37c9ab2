#!/bin/sh
# rm --keep, undelete, prune, gc.
kept_and_back() { #: What rm --keep set aside is listed by --deleted and comes back whole.
    kvol mount -q "$R" web:/www
    before=$(manifest "$R/www")
    kvol umount "$R"
    want 0 kvol rm --keep 1h web
    volumes_are
    want 0 kvol ls --deleted
    says web
    same "$(kvol undelete web)" web
    same "$(manifest "$(data web)")" "$before"
}
kept_until() { #: gc removes what was kept when its time is over, and not before.
    kvol create later
    kvol create now
    kvol rm --keep 1h later
    kvol rm --keep 1 now
    eventually none_deleted now
    want 0 kvol undelete later
    want 66 kvol undelete now
}
none_deleted() { kvol gc && case $(kvol ls --deleted) in *"$1 "*) return 1 ;; esac; }
kept_name_taken() { #: undelete does not take a name that another volume has.
    kvol create data
    kvol rm --keep 1h data
    kvol create data
    want 73 kvol undelete data
    kvol rm data
    want 0 kvol undelete --json data
    says data
}
kept_bad_time() { #: [once] rm --keep wants a time.
    kvol create data
    want 64 kvol rm --keep soon data
    volumes_are data
}
kept_twice() { #: Two deleted volumes of one name come back by their identities.
    kvol create data
    write "$(data data)/file" first
    kvol rm --keep 1h data
    kvol create data
    write "$(data data)/file" second
    kvol rm --keep 1h data
    want 0 kvol ls --deleted
    case $out in *data*data*) ;; *) fail "$out" ;; esac
    id=$(kvol ls --deleted | awk 'NR == 2 { print $2 }')
    want 0 kvol undelete "$id"
    volumes_are data
    kvol rm data
    want 0 kvol undelete data
}
prune_anonymous() { #: prune removes unused volumes without a name, and no others.
    name=$(kvol create)
    used=$(kvol create)
    kvol create data
    kvol mount -q "$R" "$used:/mnt"
    want 64 kvol prune
    want 0 kvol prune -n
    says "$name"
    lacks "$used" data
    want 0 kvol prune -y
    says "$name"
    gone "$vols/$name"
    there "$vols/$used" "$vols/data"
}
prune_all() { #: prune --all removes named ones too, but none with the label keep.
    kvol create data
    kvol create -l keep=1 kept
    want 0 kvol prune -y --all
    says data
    volumes_are kept
}
prune_filtered() { #: prune --filter chooses as ls does.
    kvol create -l tier=back one
    kvol create two
    want 0 kvol prune -y --all --filter label=tier=back
    volumes_are two
}
gc_nothing() { #: gc with nothing to do prints nothing, and JSON that is empty.
    kvol create data
    kvol gc >/dev/null
    want 0 kvol gc
    same "$out" ''
    same "$(kvol gc --json)" '[]'
    want 0 kvol gc -n
    volumes_are data
}
gc_leaves_mounts() { #: gc leaves mounts that no jail owns.
    kvol mount -q "$R" web:/www
    kvol gc
    mounted "$R/www"
}
gc_dead_process() { #: gc undoes an attachment whose process has ended, and -n only says so.
    sleep 900 &
    hold $!
    kvol attach -q --pid $! www "$R" web:/www logs:/log
    kvol gc
    mounted "$R/www"
    release
    want 0 kvol gc -n
    says www
    mounted "$R/www"
    kvol gc
    unmounted "$R/www" "$R/log"
    gone "$R/log"
}
gc_root_gone() { #: gc undoes what is left of an attachment whose root directory is gone.
    mkdir -p "$jails/short"
    kvol attach -q short "$jails/short" data:/mnt
    umount "$jails/short/mnt"
    rm -r "$jails/short"
    want 0 kvol gc
    want 0 kvol mounts -H
    same "$out" ''
    want 0 kvol rm data
}
