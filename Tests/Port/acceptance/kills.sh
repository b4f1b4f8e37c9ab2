#!/bin/sh
# SIGKILL at random moments: what follows is empty or complete, and the next command goes on. KVOL_ACCEPTANCE_SEED decides the moments.
# Begins a command of kvol, and kills it when VOLUME has a random number of its top directories; whether it hit the middle is in $hit.
kill_amid() { # VOLUME ARGUMENT...
    volume=$1 hit=0
    shift
    draw 60
    "$KVOL_BIN" "$@" >/dev/null 2>&1 &
    child=$!
    until { staged "$volume" && [ $entries -gt "$drawn" ]; } || ! alive $child; do :; done
    kill -9 $child 2>/dev/null || :
    got=0
    wait $child 2>/dev/null || got=$?
    if [ $got = 137 ] && staged "$volume"; then hit=1; fi
}
whole() { # DIRECTORY: is the forest of 60
    set -- "$1"/d*/f*
    same $# 600
}
killed_seeding() { #: A seeding that is killed at eight random moments is done again, whole each time.
    forest "$R/big" 60
    hits=0 rounds=0
    while [ $rounds -lt 8 ] || [ $hits = 0 ]; do
        kill_amid big mount "$R" big:/big
        hits=$((hits + hit)) rounds=$((rounds + 1))
        [ $rounds -lt 40 ] || fail "no kill came in the middle"
        kvol mount -q "$R" big:/big
        mounted "$R/big"
        whole "$R/big"
        kvol umount "$R"
        kvol rm big >/dev/null
    done
    gone "$vols/big"
}
killed_state() { #: A volume whose seeding was killed is not shown as ready, is mounted nowhere, and gc empties it.
    forest "$R/big" 60
    rounds=0
    while :; do
        kill_amid big mount "$R" big:/big
        [ $hit = 0 ] || break
        kvol umount "$R"
        kvol rm big >/dev/null 2>&1 || :
        rounds=$((rounds + 1))
        [ $rounds -lt 40 ] || fail "no kill came in the middle"
    done
    same "$(kvol ls -q --filter state=ready)" ''
    unmounted "$R/big"
    kvol gc >/dev/null
    if staged big; then fail "gc left the copy"; fi
    case $(kvol ls -H) in '' | *empty*) ;; *) fail "$(kvol ls)" ;; esac
}
killed_readers() { #: Killed while a read-only mount looks on, the volume is empty or complete after the next mount.
    forest "$R/big" 60
    for i in 1 2 3; do
        kvol mount -q "$S" "v$i:/srv:ro"
        kill_amid "v$i" mount "$R" "v$i:/big"
        kvol mount -q "$R" "v$i:/big"
        whole "$S/srv"
        whole "$R/big"
        kvol umount "$R"
        kvol umount "$S"
    done
    volumes_are v1 v2 v3
}
killed_by_hand() { #: seed that was killed can be repeated.
    forest "$R/big" 60
    for i in 1 2 3; do
        kvol create "v$i"
        kill_amid "v$i" seed "v$i" "$R/big"
        [ -e "$(data "v$i")/d1" ] || kvol seed -q "v$i" "$R/big"
        whole "$(data "v$i")"
    done
}
# Kills a command of kvol after a random number of turns of the shell, from before its first call to after its last.
kill_whenever() { # ARGUMENT...
    draw 4000
    "$KVOL_BIN" "$@" >/dev/null 2>&1 &
    child=$! turns=0
    while [ $turns -lt "$drawn" ] && alive $child; do turns=$((turns + 1)); done
    kill -9 $child 2>/dev/null || :
    wait $child 2>/dev/null || :
}
killed_mount() { #: mount, killed at ten random moments, leaves nothing that the next mount and umount do not settle.
    for i in 1 2 3 4 5 6 7 8 9 10; do kill_whenever mount "$R" a:/srv/a b:/srv/a/b c:/www; done
    kvol mount -q "$R" a:/srv/a b:/srv/a/b c:/www
    mounted "$R/srv/a" "$R/srv/a/b" "$R/www"
    holds "$R/www/.htpasswd" secret
    kvol umount "$R"
    kvol gc >/dev/null
    gone "$R/srv"
    count_mounts " on $R/"
    same "$count" 0
}
killed_umount() { #: umount, killed at random moments, is finished by the next one.
    for i in 1 2 3 4 5; do
        kvol mount -q "$R" a:/srv/a b:/srv/a/b
        kill_whenever umount "$R"
        kvol umount "$R"
        count_mounts " on $R/"
        same "$count" 0
    done
    volumes_are a b
}
killed_attach() { #: attach and detach, killed at random moments, are settled by the next attach and detach.
    for i in 1 2 3 4 5; do
        kill_whenever attach www "$R" a:/srv/a web:/www
        kill_whenever detach www "$R"
    done
    kvol attach -q www "$R" a:/srv/a web:/www
    mounted "$R/srv/a" "$R/www"
    holds "$R/www/.htpasswd" secret
    kvol detach www "$R"
    kvol gc >/dev/null
    gone "$R/srv"
}
killed_rm() { #: rm, killed at random moments, has removed the volume or left it whole.
    for i in 1 2 3 4 5; do
        kvol create data >/dev/null
        forest "$(data data)/in" 6
        kill_whenever rm data
        if kvol exists data; then
            # Through a mount: a kill can come after the dataset was unmounted.
            kvol mount -q "$R" data:/srv
            set -- "$R"/srv/in/d*/f*
            same $# 60
            kvol umount "$R"
            kvol rm data >/dev/null
        fi
    done
    kvol gc >/dev/null
    volumes_are
    same "$(echo "$vols"/.gone*)" "$vols/.gone*"
}
killed_create() { #: create and rename, killed at random moments, leave whole volumes and nothing else.
    for i in 1 2 3 4 5; do
        kill_whenever create -l a=1 "data$i"
        kvol create -l a=1 "data$i" >/dev/null
        kill_whenever rename "data$i" "new$i"
        if kvol exists "data$i"; then kvol rename -q "data$i" "new$i"; fi
    done
    volumes_are new1 new2 new3 new4 new5
}
killed_import() { #: [archives] An import that is killed leaves no volume, or a whole one.
    forest "$R/big" 60
    kvol create source
    kvol seed -q source "$R/big"
    kvol export -o "$scratch/big.tar" source
    for i in 1 2 3 4; do
        kill_whenever import "v$i" "$scratch/big.tar"
        if kvol exists "v$i"; then
            [ -e "$(data "v$i")/d1" ] || kvol rm "v$i" >/dev/null
        fi
        kvol exists "v$i" || kvol import -q "v$i" "$scratch/big.tar"
        whole "$(data "v$i")"
    done
}
