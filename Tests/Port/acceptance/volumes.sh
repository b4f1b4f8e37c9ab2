#!/bin/sh
# create, rm, rename, exists, clone and seed: the life of a volume.
created_and_removed() { #: A volume is created, listed and removed, and each command prints its name.
    same "$(kvol create data)" data
    volumes_are data
    same "$(kvol rm data)" data
    volumes_are
}
create_again() { #: Creating a volume that exists changes nothing and succeeds.
    kvol create -l a=1 data
    want 0 kvol create -l a=2 data
    says data
    want 0 kvol ls -H data
    says a=1
}
anonymous_name() { #: A volume without a name gets one of twelve hexadecimal digits.
    name=$(kvol create)
    case $name in *[!0-9a-f]*) fail "$name" ;; esac
    same ${#name} 12
    volumes_are "$name"
}
anonymous_recorded() { #: That a volume was created without a name is recorded, not guessed.
    kvol create 0123456789ab
    want 0 kvol inspect 0123456789ab
    says '"anonymous": false'
}
create_json() { #: create --json prints the name as JSON.
    want 0 kvol create --json data
    says '"data"'
}
longest_name() { #: A name may have 128 characters and no more.
    ten=a123456789 name=
    for i in 1 2 3 4 5 6 7 8 9 10 11 12; do name=$name$ten; done
    same "$(kvol create "${name}12345678")" "${name}12345678"
    want 64 kvol create "${name}123456789"
}
names_refused() { #: A name with a slash, a blank or a dot in front is refused and makes nothing.
    want 64 kvol create a/b
    want 64 kvol create 'a b'
    want 64 kvol create .a
    want 64 kvol create ../a
    gone "$vols/a" "$fs/a"
}
owner_and_mode() { #: create --owner and --mode decide the top directory.
    kvol create --owner 1001:1002 --mode 2750 data
    same "$(owner "$(data data)")" 1001:1002
    same "$(mode "$(data data)")" 2750
}
owner_in_numbers() { #: An owner by name and a mode that is not octal are refused.
    want 64 kvol create --owner root data
    want 64 kvol create --mode 9 data
    want 64 kvol create --mode u+x data
    gone "$vols/data"
}
label_refused() { #: A label with a bad key or none is refused.
    want 64 kvol create -l =b data
    want 64 kvol create -l A=b data
    gone "$vols/data"
}
rm_unknown() { #: Removing a volume that is not there is 66, and one of several is 1 and does the others.
    want 66 kvol rm nothing
    kvol create one
    kvol create two
    want 1 kvol rm one nothing two
    says one two 'nothing: no such volume'
    volumes_are
}
rm_json() { #: rm --json prints the names of all that were removed.
    kvol create one
    kvol create two
    want 0 kvol rm --json one two
    says '"one"' '"two"'
}
rm_mounted() { #: A mounted volume is not removed; -f unmounts it first.
    kvol mount -q "$R" web:/www
    want 75 kvol rm web
    says "$R/www" 'kvol umount'
    mounted "$R/www"
    want 0 kvol rm -f web
    unmounted "$R/www"
    volumes_are
}
rm_busy() { #: rm -f does not force: what is in use stays, and the process is named.
    kvol mount -q "$R" web:/www
    sit "$R/www"
    want 75 kvol rm -f web
    says "$sitter"
    volumes_are web
    stand_up
}
rm_crosses_no_mount() { #: A deletion does not reach into what is mounted inside the volume.
    mkdir -p "$outside/keep"
    write "$outside/keep/file" kept
    kvol create data
    mkdir "$(data data)/in"
    host_mount "$outside/keep" "$(data data)/in"
    want 75 kvol rm -f data
    umount "$(data data)/in"
    holds "$outside/keep/file" kept
    kvol rm data
}
rename_moves() { #: rename keeps content and labels under the new name.
    kvol create -l a=1 old
    write "$(data old)/file" kept
    kvol rename -q old new
    volumes_are new
    holds "$(data new)/file" kept
    want 0 kvol ls -H
    says a=1
}
rename_taken() { #: rename onto a name that is taken is refused and changes neither.
    kvol create one
    kvol create two
    want 73 kvol rename one two
    want 66 kvol rename nothing three
    volumes_are one two
}
rename_mounted() { #: rename of a mounted volume is refused with the command that unmounts it.
    kvol mount -q "$R" web:/www
    want 75 kvol rename web other
    says 'kvol umount'
    volumes_are web
}
rename_json() { #: rename --json tells both names.
    kvol create old
    want 0 kvol rename --json old new
    says '"old"' '"new"'
}
exists_prints_nothing() { #: exists answers by its status alone.
    kvol create data
    want 0 kvol exists data
    same "$out" ''
    got=0
    kvol exists nothing || got=$?
    same $got 66
}
clone_copies() { #: A clone holds what the volume holds, and is another one.
    kvol create old
    write "$(data old)/file" kept
    kvol clone -q -l of=old old new
    holds "$(data new)/file" kept
    write "$(data new)/file" changed
    holds "$(data old)/file" kept
    want 0 kvol ls -H new
    says of=old
    kvol rm new
    drop_clones old
}
clone_bytes() { #: clone --no-clone -j 2 --json copies and tells what it did.
    kvol create old
    write "$(data old)/file" kept
    want 0 kvol clone --no-clone -j 2 --json old new
    says new
    holds "$(data new)/file" kept
    kvol rm new
    drop_clones old
}
clone_taken() { #: A clone onto a name that is taken is 73, of a volume that is not there 66.
    kvol create one
    kvol create two
    want 73 kvol clone one two
    want 66 kvol clone nothing three
    volumes_are one two
}
seed_fills() { #: seed fills an empty volume with a directory of the host.
    kvol create data
    want 0 kvol seed data "$R/www"
    says 'file'
    same "$(manifest "$(data data)")" "$(manifest "$R/www")"
}
seed_refuses() { #: seed refuses a volume that holds something, one that is mounted, and what is not there.
    kvol create data
    kvol seed -q data "$R/www"
    want 73 kvol seed data "$R/etc"
    want 66 kvol seed nothing "$R/etc"
    kvol mount -q "$R" empty:/mnt
    want 75 kvol seed empty "$R/etc"
}
seed_json() { #: seed --json -j 2 --no-clone counts files and bytes.
    kvol create data
    want 0 kvol seed --json -j 2 --no-clone data "$R/etc"
    says '"files": 1' '"bytes": 10'
}
seed_recursive() { #: seed --recursive takes along what is mounted below, and otherwise names it.
    mkdir -p "$outside/in" "$R/etc/in"
    write "$outside/in/file" inner
    host_mount "$outside/in" "$R/etc/in"
    kvol create one
    kvol create two
    want 0 kvol seed one "$R/etc"
    says "one: in: another file system"
    gone "$(data one)/in/file"
    kvol seed -q --recursive two "$R/etc"
    holds "$(data two)/in/file" inner
    umount "$R/etc/in"
}
