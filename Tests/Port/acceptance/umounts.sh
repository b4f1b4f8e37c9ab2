#!/bin/sh
# umount: what is undone, and what is left.
umount_one() { #: umount of one destination leaves the others.
    kvol mount -q "$R" web:/www logs:/log
    kvol umount "$R" /log
    mounted "$R/www"
    unmounted "$R/log"
    gone "$R/log"
}
umount_several() { #: umount takes several destinations.
    kvol mount -q "$R" web:/www logs:/log data:/mnt
    kvol umount "$R" /mnt /www
    unmounted "$R/www" "$R/mnt"
    mounted "$R/log"
}
umount_again() { #: umount of what is undone already is a success.
    kvol mount -q "$R" data:/mnt
    kvol umount "$R" /mnt
    want 0 kvol umount "$R" /mnt
    want 0 kvol umount "$R"
    unmounted "$R/mnt"
    volumes_are data
}
umount_unknown() { #: umount of a place that kvol does not know is 66.
    want 66 kvol umount "$R" /nothing
    says 'kvol mounts'
    want 66 kvol umount "$jails/nothing"
}
umount_by_hand() { #: What somebody unmounted by hand is undone already, and its mount point goes.
    kvol mount -q "$R" data:/made/mnt
    umount "$R/made/mnt"
    kvol umount "$R"
    gone "$R/made"
    volumes_are data
}
umount_foreign() { #: A mount that is not kvol's is never unmounted.
    mkdir -p "$outside" "$R/foreign"
    host_mount "$outside" "$R/foreign"
    kvol mount -q "$R" data:/mnt
    kvol umount "$R"
    unmounted "$R/mnt"
    mounted "$R/foreign"
    want 75 kvol umount "$R" /foreign
    says foreign
    kvol umount -f "$R"
    mounted "$R/foreign"
    umount "$R/foreign"
    volumes_are data
}
busy_left() { #: What is busy is left with its process named, the rest is undone, and the next umount finishes.
    kvol mount -q "$R" web:/www logs:/log
    sit "$R/www"
    want 75 kvol umount "$R"
    says "$sitter" /www
    mounted "$R/www"
    unmounted "$R/log"
    stand_up
    kvol umount "$R"
    unmounted "$R/www"
}
busy_child_keeps_parent() { #: A busy mount inside another one keeps its parent.
    kvol mount -q "$R" outer:/srv inner:/srv/in
    sit "$R/srv/in"
    want 75 kvol umount "$R"
    mounted "$R/srv" "$R/srv/in"
    stand_up
    kvol umount "$R"
    unmounted "$R/srv" "$R/srv/in"
    gone "$R/srv"
}
umount_forced() { #: [freebsd] umount -f unmounts what is busy.
    kvol mount -q "$R" web:/www
    sit "$R/www"
    want 75 kvol umount "$R"
    kvol umount -f "$R"
    unmounted "$R/www"
}
open_file_is_busy() { #: An open file keeps a mount.
    kvol mount -q "$R" web:/www
    sleep 900 <"$R/www/index.html" &
    hold $!
    eventually test -e "$R/www/index.html"
    want 75 kvol umount "$R"
    mounted "$R/www"
    release
    kvol umount "$R"
    unmounted "$R/www"
}
umount_other_root() { #: umount of one root directory leaves those of another one.
    kvol mount -q "$R" web:/www
    kvol mount -q "$S" web:/srv:ro
    kvol umount "$R"
    unmounted "$R/www"
    mounted "$S/srv"
}
stale_peeled() { #: A second mount of the same volume on the same place is peeled by the next mount or umount.
    kvol mount -q "$R" web:/www
    mounted "$R/www"
    host_mount "$(data web)" "$R/www" 2>/dev/null || { kvol umount "$R"; unmounted "$R/www"; return 0; }
    kvol umount "$R"
    unmounted "$R/www"
}
