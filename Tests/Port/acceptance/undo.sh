#!/bin/sh
# A command that fails or is interrupted leaves nothing of what it made.
undone_when_one_fails() { #: When one mount fails all of the command are undone, with volumes and directories.
    want 66 kvol mount "$R" one:/srv/one two:/srv/two absent:/srv/three:nocreate
    unmounted "$R/srv/one" "$R/srv/two"
    gone "$R/srv"
    volumes_are
}
undone_through_file() { #: A destination below a file fails, and the other mounts are undone.
    want 73 kvol mount "$R" one:/srv/one two:/etc/hosts/below
    gone "$R/srv"
    volumes_are
}
undone_seeding() { #: A seeding is undone with its command, and what was there before stays.
    kvol create -l a=1 before
    want 66 kvol mount "$R" web:/www before:/etc absent:/srv:nocreate
    unmounted "$R/www" "$R/etc"
    volumes_are before
    holds "$R/www/index.html" index
}
earlier_mounts_stay() { #: What an earlier command mounted stays when a later one fails.
    kvol mount -q "$R" web:/www
    want 66 kvol mount "$R" web:/www other:/srv absent:/three:nocreate
    mounted "$R/www"
    unmounted "$R/srv"
    volumes_are web
}
interrupted() { #: SIGINT, SIGTERM and SIGHUP end a seeding, undo all of the command, and leave the volume empty or away.
    forest "$R/big" 100
    caught=0
    for signal in TERM HUP TERM HUP TERM HUP; do
        "$KVOL_BIN" mount -q "$R" first:/srv big:/big &
        child=$!
        until staged big || ! alive $child; do :; done
        kill -$signal $child 2>/dev/null || :
        got=0
        wait $child || got=$?
        if [ "$got" = 0 ]; then
            kvol umount "$R"
            kvol rm first big >/dev/null
            continue
        fi
        caught=$((caught + 1))
        [ "$got" -gt 128 ] || fail "exit $got after SIG$signal"
        unmounted "$R/srv" "$R/big"
        gone "$R/srv"
        volumes_are
        [ $caught -lt 2 ] || break
    done
    [ $caught -gt 0 ] || fail "no signal came in time"
}
killed_reader() { #: A closed pipe ends the command and nothing else.
    kvol create data
    { kvol ls --json; echo "$?" >"$scratch/piped"; } 2>/dev/null | :
    volumes_are data
}
users_files_stay() { #: What somebody put beside a mount point stays.
    kvol mount -q "$R" data:/made/mnt
    write "$R/made/own" mine
    kvol umount "$R"
    unmounted "$R/made/mnt"
    gone "$R/made/mnt"
    holds "$R/made/own" mine
}
replaced_mount_point() { #: A mount point that somebody replaced is not removed.
    kvol mount -q "$R" data:/made
    umount "$R/made"
    rmdir "$R/made"
    mkdir "$R/made"
    kvol umount "$R"
    there "$R/made"
    kvol rm data
}
filled_placeholder() { #: A placeholder file that somebody wrote into is not removed.
    mkdir "$outside"
    write "$outside/file" host
    kvol mount -q "$R" "$outside/file:/etc/new"
    mounted "$R/etc/new"
    umount "$R/etc/new"
    write "$R/etc/new" mine
    kvol umount "$R"
    holds "$R/etc/new" mine
}
linked_placeholder() { #: A placeholder file with a second name is not removed.
    mkdir "$outside"
    write "$outside/file" host
    kvol mount -q "$R" "$outside/file:/etc/new"
    mounted "$R/etc/new"
    umount "$R/etc/new"
    ln "$R/etc/new" "$R/etc/second"
    kvol umount "$R"
    there "$R/etc/new" "$R/etc/second"
}
