#!/bin/sh
# Which mounts fill a volume, and which do not.
first_mount_seeds() { #: The first mount fills the volume with what it covers, dot files too.
    before=$(manifest "$R/www")
    kvol mount "$R" web:/www
    mounted "$R/www"
    same "$(manifest "$R/www")" "$before"
    write "$R/www/new" new
    kvol umount "$R"
    unmounted "$R/www"
    gone "$R/www/new"
}
not_overwritten() { #: A volume that holds something is never overwritten.
    kvol mount -q "$R" web:/www
    write "$R/www/index.html" changed
    kvol umount "$R"
    holds "$R/www/index.html" index
    kvol mount -q "$R" web:/www
    mounted "$R/www"
    holds "$R/www/index.html" changed
}
dot_file_is_content() { #: A dot file alone makes a volume full, and a directory worth copying.
    mkdir "$R/dot"
    write "$R/dot/.only" kept
    kvol mount -q "$R" one:/dot
    mounted "$R/dot"
    holds "$R/dot/.only" kept
    kvol umount "$R"
    kvol create two
    write "$(data two)/.other" own
    kvol mount -q "$R" two:/dot
    gone "$R/dot/.only"
    holds "$R/dot/.other" own
}
nocopy_leaves_empty() { #: With nocopy the volume stays empty and covers what is there.
    kvol mount -q "$R" web:/www:nocopy
    mounted "$R/www"
    gone "$R/www/index.html" "$R/www/.htpasswd"
}
empty_directory_gives_owner() { #: An empty directory gives a new volume its owner and mode.
    kvol mount -q "$R" data:/empty
    mounted "$R/empty"
    same "$(owner "$R/empty")" 7:8
    same "$(mode "$R/empty")" 0711
}
chosen_owner_stays() { #: The owner and mode that create was told stay.
    kvol create --owner 1001:1002 --mode 700 data
    kvol mount -q "$R" data:/empty
    same "$(owner "$R/empty")" 1001:1002
    same "$(mode "$R/empty")" 0700
}
administrators_owner_stays() { #: The owner and mode that an administrator gave an empty volume stay.
    kvol create data
    chown 1001:1002 "$(data data)"
    chmod 1770 "$(data data)"
    kvol mount -q "$R" data:/empty
    same "$(owner "$R/empty")" 1001:1002
    same "$(mode "$R/empty")" 1770
}
never_applied_again() { #: Owner and mode are never applied again by a later mount.
    kvol mount -q "$R" data:/empty
    mounted "$R/empty"
    chown 1001:1002 "$R/empty"
    chmod 700 "$R/empty"
    kvol umount "$R"
    kvol mount -q "$R" data:/empty
    same "$(owner "$R/empty")" 1001:1002
    same "$(mode "$R/empty")" 0700
}
seeded_later() { #: A volume that was first mounted where nothing is, is filled by a later mount.
    kvol mount -q "$S" web:/srv
    kvol umount "$S"
    kvol mount -q "$R" web:/www
    holds "$R/www/index.html" index
    mounted "$R/www"
}
made_before_seeded() { #: A volume that create made is filled by its first mount.
    kvol create web
    kvol mount -q "$R" web:/www
    mounted "$R/www"
    holds "$R/www/.htpasswd" secret
}
writable_elsewhere() { #: An empty volume that is mounted writable elsewhere covers no content: 75 and the place.
    kvol mount -q "$S" web:/srv
    want 75 kvol mount "$R" web:/www
    says "$S/srv" nocopy
    unmounted "$R/www"
    kvol mount -q "$R" web:/www:nocopy
    mounted "$R/www"
}
readers_see_it_appear() { #: Read-only mounts of an empty volume do not hinder its seeding, and see the content.
    kvol mount -q "$S" web:/srv:ro
    kvol mount -q "$R" web:/www
    holds "$S/srv/index.html" index
    holds "$S/srv/.htpasswd" secret
    mounted "$R/www" "$S/srv"
}
reader_seeds() { #: A read-only mount seeds as well.
    kvol mount -q "$R" web:/www:ro
    mounted "$R/www"
    holds "$R/www/.htpasswd" secret
    refused "$R/www/new"
}
host_mount_not_seeded() { #: A host directory is mounted as it is, and never filled.
    mkdir "$outside"
    kvol mount -q "$R" "$outside:/www"
    mounted "$R/www"
    gone "$outside/index.html" "$R/www/index.html"
}
source_untouched() { #: What a mount hides is there again, unaltered, after umount.
    before=$(manifest "$R/www")
    kvol mount -q "$R" web:/www
    mounted "$R/www"
    write "$R/www/index.html" changed
    rm "$R/www/.htpasswd"
    kvol umount "$R"
    same "$(manifest "$R/www")" "$before"
}
mount_inside_source() { #: What is mounted inside the covered directory is not descended into, and is named.
    mkdir -p "$outside/in" "$R/tree/in"
    write "$R/tree/file" x
    write "$outside/in/file" inner
    host_mount "$outside/in" "$R/tree/in"
    kvol create web
    want 0 kvol seed web "$R/tree"
    says "web: in: another file system"
    there "$(data web)/file" "$(data web)/in"
    gone "$(data web)/in/file"
    umount "$R/tree/in"
}
mount_points_do_not_count() { #: Mount points that kvol made in a volume do not make it full.
    kvol mount -q "$S" web:/srv inner:/srv/inner
    kvol umount "$S"
    kvol mount -q "$R" web:/www
    mounted "$R/www"
    holds "$R/www/index.html" index
}
seeded_told() { #: mount says how many files and bytes were copied, and -q does not.
    want 0 kvol mount "$R" web:/www
    says 'web: created, seeded with'
    want 0 kvol mount -q "$R" data:/etc
    same "$out" ''
}
seeded_json() { #: mount --json tells what was created and seeded.
    want 0 kvol mount --json "$R" data:/etc logs:/log
    says '"volume_created": true' '"files": 1' '"bytes": 10' '"seeded": null' '"already_mounted": false'
    want 0 kvol mount --json "$R" data:/etc
    says '"already_mounted": true'
}
seed_record() { #: inspect remembers the source of a seeding.
    kvol mount -q "$R" web:/www
    want 0 kvol inspect web
    says "\"source\": \"$R/www\"" '"not_kept_count": 0'
}
jobs_and_no_clone() { #: mount -j 3 --no-clone seeds the same.
    before=$(manifest "$R/www")
    kvol mount -q -j 3 --no-clone "$R" web:/www
    mounted "$R/www"
    same "$(manifest "$R/www")" "$before"
    want 64 kvol mount -j 0 "$R" x:/x
    want 64 kvol mount -j 65 "$R" x:/x
}
two_in_one_command() { #: A new volume that one command mounts twice is filled once and seen twice.
    kvol mount -q "$R" web:/www web:/again:ro
    mounted "$R/www" "$R/again"
    holds "$R/again/index.html" index
    volumes_are web
}
