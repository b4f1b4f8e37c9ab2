#!/bin/sh
# attach and detach: mounts that belong to a jail. Their parts with jail(8) are in jails.sh.
attached_as_one() { #: What was attached is detached as one, and other mounts stay.
    kvol attach -q www "$R" web:/www logs:/log
    kvol mount -q "$R" other:/srv
    mounted "$R/www" "$R/log" "$R/srv"
    kvol detach www "$R"
    unmounted "$R/www" "$R/log"
    mounted "$R/srv"
}
attach_again() { #: attach can be repeated, and detach too.
    kvol attach -q www "$R" web:/www
    want 0 kvol attach -q www "$R" web:/www
    mounted "$R/www"
    kvol detach www "$R"
    unmounted "$R/www"
    want 0 kvol detach www "$R"
}
attach_other_specs() { #: A repeated attach with other specifications undoes what is no longer asked for, or says so.
    kvol attach -q www "$R" web:/www logs:/log
    kvol detach www
    kvol attach -q www "$R" web:/www
    mounted "$R/www"
    unmounted "$R/log"
}
detach_by_name() { #: detach knows the root directory by the jail's name.
    kvol attach -q www "$R" web:/www
    kvol detach www
    unmounted "$R/www"
    want 0 kvol detach www
    says 'nothing was done'
}
detach_elsewhere() { #: detach of a jail that is attached in another root directory says so.
    kvol attach -q www "$R" web:/www
    got=0
    out=$(kvol detach www "$S" 2>&1) || got=$?
    says "$R"
    mounted "$R/www"
}
attach_fails_whole() { #: An attach that fails leaves nothing.
    want 66 kvol attach www "$R" one:/srv/one absent:/srv/two:nocreate
    gone "$R/srv"
    volumes_are
    want 0 kvol mounts -H
    same "$out" ''
}
attach_bad_name() { #: A jail's name with a slash, a blank or a dash in front is refused.
    want 64 kvol attach a/b "$R" web:/www
    want 64 kvol attach 'a b' "$R" web:/www
    want 64 kvol attach -- -a "$R" web:/www
    unmounted "$R/www"
}
attach_json() { #: attach --json tells what was done, -v says it, and detach -v too.
    want 0 kvol attach --json www "$R" web:/www
    says '"source": "web"' '"path"'
    want 0 kvol detach -v www
    says "$R/www"
    want 0 kvol attach -v www "$R" web:/www
    says "$R/www"
}
attach_busy_detach() { #: detach leaves what is busy with its process named, and the next one finishes.
    kvol attach -q www "$R" web:/www logs:/log
    sit "$R/www"
    want 75 kvol detach www "$R"
    says "$sitter"
    unmounted "$R/log"
    stand_up
    kvol detach www "$R"
    unmounted "$R/www"
}
attach_two_jails() { #: Two jails share a volume, and each is detached alone.
    kvol attach -q one "$R" web:/www
    kvol attach -q two "$S" web:/srv:ro
    kvol detach one
    unmounted "$R/www"
    mounted "$S/srv"
    kvol detach two
    unmounted "$S/srv"
    gone "$S/srv"
}
attach_options() { #: attach -j and --no-clone seed as mount does.
    before=$(manifest "$R/www")
    kvol attach -q -j 2 --no-clone www "$R" web:/www
    mounted "$R/www"
    same "$(manifest "$R/www")" "$before"
}
attach_hundred() { #: [once nojail] A hundred jails are attached and detached, and each has its own mount.
    i=0
    while [ $i -lt 100 ]; do
        mkdir "$jails/j$i"
        i=$((i + 1))
    done
    i=0
    while [ $i -lt 100 ]; do
        kvol attach -q "j$i" "$jails/j$i" shared:/srv
        i=$((i + 1))
    done
    count_mounts "/srv "
    [ "$count" -ge 100 ] || fail "$count mounts"
    want 0 kvol ls -H -o mounts shared
    same "$out" 100
    i=0
    while [ $i -lt 100 ]; do
        kvol detach "j$i"
        i=$((i + 1))
    done
    count_mounts " on $jails/"
    same "$count" 0
}
