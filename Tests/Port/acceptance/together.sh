#!/bin/sh
# Several processes at once.
five_seed_one() { #: Five processes mount one new volume at once: one seeds, and all see the whole of it.
    for i in 1 2 3 4 5; do
        mkdir "$jails/j$i"
        cp -R "$R/www" "$jails/j$i/srv"
    done
    pids=
    for i in 1 2 3 4 5; do
        "$KVOL_BIN" mount "$jails/j$i" shared:/srv >"$scratch/j$i.log" 2>&1 &
        pids="$pids $!"
        hold $!
    done
    for pid in $pids; do wait "$pid" || fail "a mount failed: $(cat "$scratch"/j?.log)"; done
    for i in 1 2 3 4 5; do
        mounted "$jails/j$i/srv"
        holds "$jails/j$i/srv/.htpasswd" secret
    done
    same "$(cat "$scratch"/j?.log | grep -c 'seeded with')" 1
}
four_roots_and_volumes() { #: Four processes with volumes of their own do not hinder each other.
    pids=
    for i in 1 2 3 4; do
        mkdir "$jails/j$i"
        "$KVOL_BIN" attach -q "j$i" "$jails/j$i" "v$i:/srv" common:/common &
        pids="$pids $!"
        hold $!
    done
    for pid in $pids; do wait "$pid" || fail "an attach failed"; done
    volumes_are common v1 v2 v3 v4
    count_mounts " on $jails/j"
    same "$count" 8
}
same_root_at_once() { #: Four processes mount in one root directory at once, and all their mounts are there.
    pids=
    for i in 1 2 3 4; do
        "$KVOL_BIN" mount -q "$R" "v$i:/srv/$i" &
        pids="$pids $!"
        hold $!
    done
    for pid in $pids; do wait "$pid" || fail "a mount failed"; done
    mounted "$R/srv/1" "$R/srv/2" "$R/srv/3" "$R/srv/4"
    kvol umount "$R"
    gone "$R/srv"
}
same_place_at_once() { #: Of two volumes that want one place at once, one gets it and the other is told.
    "$KVOL_BIN" mount -q "$R" one:/mnt >"$scratch/one" 2>&1 &
    first_pid=$!
    "$KVOL_BIN" mount -q "$R" two:/mnt >"$scratch/two" 2>&1 &
    second_pid=$!
    got=0 first_got=0
    wait $first_pid || first_got=$?
    wait $second_pid || got=$?
    same $((first_got + got)) 75
    mounted "$R/mnt"
}
create_at_once() { #: Six processes create one volume at once: all succeed, and there is one.
    pids=
    for i in 1 2 3 4 5 6; do
        "$KVOL_BIN" create data >/dev/null &
        pids="$pids $!"
        hold $!
    done
    for pid in $pids; do wait "$pid" || fail "a create failed"; done
    volumes_are data
}
gc_against_attach() { #: gc in a loop undoes nothing of jails that start meanwhile.
    kvol gc >/dev/null
    : >"$scratch/looping"
    (while [ -e "$scratch/looping" ]; do kvol gc || :; done >"$scratch/gc.log" 2>&1) &
    looper=$!
    hold $looper
    for i in 1 2 3 4 5; do
        kvol attach -q www "$R" "v$i:/srv/in" web:/www
        mounted "$R/srv/in" "$R/www"
        kvol detach www
        unmounted "$R/srv/in"
    done
    rm "$scratch/looping"
    wait $looper || :
    same "$(cat "$scratch/gc.log")" ''
}
rm_against_mount() { #: rm and mount of one volume at once end with the volume mounted or gone.
    for i in 1 2 3 4; do
        kvol create data >/dev/null
        "$KVOL_BIN" rm data >/dev/null 2>&1 &
        "$KVOL_BIN" mount -q "$R" data:/mnt:nocreate >/dev/null 2>&1 &
        wait
        count_mounts " on $R/mnt "
        case $count in
        1) volumes_are data && kvol umount "$R" && kvol rm data >/dev/null ;;
        *) kvol exists data && fail "neither mounted nor removed" ;;
        esac
    done
    want 66 kvol inspect data
    kvol create last
}
wait_names_holder() { #: --wait gives up with 75 and names the process that works on the volume.
    forest "$R/big" 40
    round=0
    while :; do
        "$KVOL_BIN" mount -q "$R" "v$round:/big" &
        child=$!
        until staged "v$round" || ! alive $child; do :; done
        kill -STOP $child 2>/dev/null || :
        if staged "v$round" && alive $child; then break; fi
        wait $child || :
        kvol umount "$R"
        round=$((round + 1))
        [ $round -lt 20 ] || fail "never stopped in time"
    done
    hold $child
    want 75 kvol --wait 1 mount "$S" "v$round:/srv"
    says "$child"
    kill -CONT $child
    wait $child
    want 0 kvol --wait 60 mount -q "$S" "v$round:/srv"
    there "$S/srv/d1/f1"
}
