#!/bin/sh
# The options of a specification.
option_ro() { #: ro makes the mount read-only, and rw writable.
    kvol mount -q "$R" web:/www:ro other:/rw:rw
    refused "$R/www/new"
    : >"$R/rw/new"
    same "$(kvol mounts -H | cut -f 2,3)" "web	ro${nl}other	rw"
}
option_nocreate() { #: nocreate makes no volume.
    want 66 kvol mount "$R" web:/www:nocreate
    unmounted "$R/www"
    volumes_are
    kvol create web
    kvol mount -q "$R" web:/www:nocreate
    mounted "$R/www"
}
option_nosuid() { #: nosuid and noexec are options of the mount itself.
    kvol mount -q "$R" web:/www:nosuid,noexec
    mounted "$R/www"
    printf '#!/bin/sh\nexit 0\n' >"$R/www/script"
    chmod 755 "$R/www/script"
    if "$R/www/script" 2>/dev/null; then fail "it was run"; fi
    case $(mount) in *" on $R/www "*nosuid*) ;; *) fail "no nosuid" ;; esac
}
option_noatime() { #: noatime is honoured, or refused with the reason.
    case $side in
    FreeBSD)
        want 69 kvol mount "$R" web:/www:noatime
        says noatime
        unmounted "$R/www"
        ;;
    *)
        kvol mount -q "$R" web:/www:noatime
        case $(mount) in *" on $R/www "*noatime*) ;; *) fail "no noatime" ;; esac
        ;;
    esac
    kvol mount -q "$R" data:/mnt
    mounted "$R/mnt"
}
option_recursive() { #: recursive mounts what is mounted below the source, with the same options.
    mkdir -p "$outside/top/in" "$outside/inner"
    write "$outside/inner/file" inner
    host_mount "$outside/inner" "$outside/top/in"
    kvol mount -q "$R" "$outside/top:/mnt:recursive,ro"
    holds "$R/mnt/in/file" inner
    refused "$R/mnt/in/new"
    kvol umount "$R"
    unmounted "$R/mnt" "$R/mnt/in"
    want 0 kvol mount "$R" "$outside/top:/mnt"
    says in recursive
    gone "$R/mnt/in/file"
    kvol umount "$R"
    umount "$outside/top/in"
}
option_unknown() { #: An unknown option is refused, and the known ones are named.
    want 64 kvol mount "$R" web:/www:nonsense
    says nonsense subpath
    unmounted "$R/www"
}
options_contradict() { #: Options that contradict each other are refused.
    want 64 kvol mount "$R" web:/www:ro,rw
    mkdir "$outside"
    want 64 kvol mount "$R" "web:/www:create-source"
    unmounted "$R/www"
}
specs_refused() { #: A specification without a destination, with a relative one, or with the root itself is refused.
    want 64 kvol mount "$R" web
    want 64 kvol mount "$R" web:www
    want 64 kvol mount "$R" web:/
    want 64 kvol mount "$R" :/www
    want 64 kvol mount "$R" 'a b:/www'
    want 64 kvol mount "$R"
    volumes_are
}
same_destination_twice() { #: One command does not mount two things on one place.
    want 64 kvol mount "$R" one:/mnt two:/mnt
    gone "$R/mnt"
    volumes_are
}
long_form_refused() { #: An unknown key or type in the long form is refused.
    want 64 kvol mount "$R" type=volume,source=web,destination=/www,nonsense=1
    want 64 kvol mount "$R" type=nonsense,source=web,destination=/www
    want 64 kvol mount "$R" type=volume,source=web
    volumes_are
}
wait_option() { #: --wait takes a time, and refuses what is none.
    want 0 kvol --wait 10 mount -q "$R" web:/www
    mounted "$R/www"
    want 64 kvol --wait soon ls
    want 64 kvol --wait -1 ls
}
unknown_words() { #: [once] An unknown command, option or operand is 64 with a hint.
    want 64 kvol nonsense
    want 64 kvol ls --nonsense
    want 64 kvol mount
    want 64 kvol gc operand
    want 64 "$KVOL_BIN"
    says Usage
}
