#!/bin/sh
# mount: what goes where, in which order, and how often.
mounted_and_unmounted() { #: A mount is made, shows the volume, and is undone.
    kvol mount -q "$R" data:/made/mount/point
    mounted "$R/made/mount/point"
    write "$R/made/mount/point/file" kept
    holds "$(data data)/file" kept
    kvol umount "$R"
    unmounted "$R/made/mount/point"
    gone "$R/made"
}
same_again() { #: The same mount again is done already, and is made once.
    kvol mount -q "$R" web:/www
    want 0 kvol mount -v "$R" web:/www
    says already
    mounted "$R/www"
}
parents_first() { #: Several mounts are made parents first, in whatever order they are given.
    kvol mount -q "$R" inner:/srv/a/b/c outer:/srv/a
    mounted "$R/srv/a" "$R/srv/a/b/c"
    there "$(data outer)/b/c"
    kvol umount "$R"
    unmounted "$R/srv/a" "$R/srv/a/b/c"
    gone "$R/srv" "$(data outer)/b"
}
many_specs() { #: Ten mounts are made and undone by one command each.
    kvol mount -q "$R" a:/m/0 a:/m/1 a:/m/2:ro b:/m/3 b:/m/4 c:/m/5 d:/m/6 e:/m/7 f:/m/8 g:/m/9
    count_mounts " on $R/m/"
    same "$count" 10
    kvol umount "$R"
    count_mounts " on $R/m/"
    same "$count" 0
    gone "$R/m"
}
shared_volume() { #: A volume in two root directories is one: what one writes the other reads.
    kvol mount -q "$R" web:/www
    kvol mount -q "$S" web:/srv/web:ro
    write "$R/www/new" hello
    holds "$S/srv/web/new" hello
    refused "$S/srv/web/no"
}
memory() { #: A tmpfs and a volume below it are made by one attach and undone by one detach; the tmpfs has its size and mode.
    kvol attach -q whole "$R" data:/var/db type=tmpfs,destination=/var,size=1m,mode=0750
    mounted "$R/var" "$R/var/db"
    same "$(mode "$R/var")" 0750
    if dd if=/dev/zero of="$R/var/big" bs=65536 count=32 2>/dev/null; then fail "it takes 2 MiB"; fi
    want 75 kvol mount "$R" type=tmpfs,destination=/var,size=2m
    says "size=1M"
    kvol detach -q whole "$R"
    unmounted "$R/var" "$R/var/db"
    gone "$R/var"
}
host_directory() { #: A host directory is mounted read-only and writable.
    mkdir -p "$outside/dir"
    write "$outside/dir/file" host
    kvol mount -q "$R" "$outside/dir:/mnt:ro" "$outside/dir:/rw"
    holds "$R/mnt/file" host
    refused "$R/mnt/new"
    write "$R/rw/new" jail
    holds "$outside/dir/new" jail
    kvol umount "$R"
    gone "$R/mnt" "$R/rw"
    there "$outside/dir/file"
}
host_relative() { #: A host source may be relative to the working directory.
    mkdir -p "$outside/dir"
    write "$outside/dir/file" host
    (cd "$outside" && kvol mount -q "$R" ./dir:/mnt && cd dir && kvol mount -q "$R" ../dir:/two)
    holds "$R/mnt/file" host
    holds "$R/two/file" host
}
single_file() { #: A single file is mounted over a file that is there, and over nothing.
    mkdir "$outside"
    write "$outside/file" host
    kvol mount -q "$R" "$outside/file:/etc/hosts:ro" "$outside/file:/etc/new"
    holds "$R/etc/hosts" host
    holds "$R/etc/new" host
    refused "$R/etc/hosts"
    kvol umount "$R"
    holds "$R/etc/hosts" 127.0.0.1
    gone "$R/etc/new"
}
file_and_directory() { #: A file is not mounted over a directory, nor a directory over a file.
    mkdir "$outside"
    write "$outside/file" host
    want 73 kvol mount "$R" "$outside/file:/www"
    want 73 kvol mount "$R" data:/etc/hosts
    unmounted "$R/www" "$R/etc/hosts"
    volumes_are
}
create_source() { #: create-source makes the directory of a host mount, and only then.
    mkdir "$outside"
    want 66 kvol mount "$R" "$outside/new:/mnt"
    gone "$outside/new" "$R/mnt"
    kvol mount -q "$R" "$outside/new:/mnt:create-source"
    there "$outside/new"
    mounted "$R/mnt"
}
subpath_directory() { #: subpath mounts a directory inside the volume.
    kvol create data
    mkdir -p "$(data data)/in/side"
    write "$(data data)/in/side/file" inner
    kvol mount -q "$R" data:/mnt:subpath=in/side
    holds "$R/mnt/file" inner
    mounted "$R/mnt"
}
subpath_file() { #: subpath mounts a file inside the volume.
    kvol create data
    write "$(data data)/file" inner
    kvol mount -q "$R" data:/etc/inner:subpath=file,ro
    holds "$R/etc/inner" inner
    refused "$R/etc/inner"
}
subpath_missing() { #: A subpath that is missing, or leads up, is refused.
    kvol create data
    want 66 kvol mount "$R" data:/mnt:subpath=nothing,nocreate
    want 64 kvol mount "$R" data:/mnt:subpath=../www
    gone "$R/mnt"
}
colon_in_path() { #: A colon in a path is written with a backslash.
    mkdir -p "$outside/a:b"
    write "$outside/a:b/file" host
    kvol mount -q "$R" "$outside/a\\:b:/c\\:d"
    holds "$R/c:d/file" host
    mounted "$R/c:d"
}
blanks_in_path() { #: Paths may hold blanks, quotes and other bytes.
    mkdir -p "$outside/my data"
    write "$outside/my data/file" host
    kvol mount -q "$R" "$outside/my data:/it's here"
    holds "$R/it's here/file" host
    kvol umount "$R"
    gone "$R/it's here"
}
long_form() { #: The long form with type=, source= and destination= does the same.
    kvol mount -q "$R" type=volume,source=web,destination=/www,readonly
    mounted "$R/www"
    holds "$R/www/index.html" index
    refused "$R/www/new"
    mkdir "$outside"
    case $side in FreeBSD) type=nullfs ;; *) type=bind ;; esac
    kvol mount -q "$R" "type=$type,source=$outside,destination=/mnt,ro=false"
    : >"$R/mnt/new"
    there "$outside/new"
}
root_forms() { #: The root directory may be given relative, with a slash at the end, and through a link.
    ln -s "$R" "$jails/link"
    kvol mount -q "$jails/link/" web:/www
    mounted "$R/www"
    (cd "$jails" && kvol umount www)
    unmounted "$R/www"
}
nested_later() { #: A later command mounts inside a volume that is mounted already.
    kvol mount -q "$R" outer:/srv
    kvol mount -q "$R" inner:/srv/in/side
    mounted "$R/srv" "$R/srv/in/side"
    kvol umount "$R" /srv/in/side
    unmounted "$R/srv/in/side"
    mounted "$R/srv"
    gone "$(data outer)/in"
}
hides_another() { #: A mount that would hide another one of kvol's is refused.
    kvol mount -q "$R" inner:/srv/in
    want 75 kvol mount "$R" outer:/srv
    says /srv/in
    mounted "$R/srv/in"
    unmounted "$R/srv"
}
verbose_and_quiet() { #: mount -v says what was mounted, umount -v what was unmounted, and -q nothing.
    want 0 kvol mount -v "$R" web:/www
    says "$R/www"
    want 0 kvol umount -v "$R"
    says "$R/www"
    want 0 kvol mount -q "$R" web:/www
    same "$out" ''
    want 0 kvol umount -q "$R"
    same "$out" ''
}
dots_in_destination() { #: A destination with '..' is refused, and one with '.' and double slashes is cleaned.
    want 64 kvol mount "$R" data:/../../../up
    gone "$jails/up" "$fs/up" "$R/up"
    kvol mount -q "$R" data://srv/./mnt/
    mounted "$R/srv/mnt"
}
long_path() { #: A path of several hundred bytes can be a destination.
    part=/directory-with-a-long-name-0123456789012345678901234567890123456789
    kvol mount -q "$R" "data:$part$part$part$part$part$part$part"
    mounted "$R$part$part$part$part$part$part$part"
    kvol umount "$R"
    gone "$R$part"
}
