#!/bin/sh
# What the checks of acceptance.sh say what they expect with; variables with an underscore are these
# functions' own. Few processes: on an emulated machine starting one takes a tenth of a second.
nl='
'
kvol() { "$KVOL_BIN" "$@"; }
# kvol with the configuration $scratch/own.conf, and the store that it names.
configured() { (unset KVOL_ROOT && KVOL_CONFIG=$scratch/own.conf && exec "$KVOL_BIN" "$@"); }
fail() { echo "$*"; exit 1; }

# Runs a command, which has to end with this status. What it printed is in $out; a failing kvol has to say why, as itself.
want() { # STATUS COMMAND...
    wanted=$1 got=0
    shift
    [ -z "$dry_first" ] || dry_before "$@"
    out=$("$@" 2>&1 </dev/null) || got=$?
    [ -z "$dry_first" ] || dry_after "$got" "$@"
    [ "$got" = "$wanted" ] || fail "exit $got instead of $wanted: $* ($out)"
    case "$1 $wanted $out" in
    "kvol 0 "* | "kvol 69 ok "* | "kvol "*" kvol: "* | "kvol 1 "*) ;;
    "kvol "*) fail "exit $got, and no message: $*" ;;
    esac
}
says() { # TEXT...: in what the last 'want' ran has printed
    for _text; do
        case $out in *"$_text"*) ;; *) fail "no '$_text' in '$out'" ;; esac
    done
}
lacks() { # TEXT...
    for _text; do
        case $out in *"$_text"*) fail "'$_text' in '$out'" ;; esac
    done
}
same() { [ "$1" = "$2" ] || fail "'$1' is not '$2'"; }
differ() { [ "$1" != "$2" ] || fail "'$1' twice"; }
there() { for _entry; do [ -e "$_entry" ] || [ -L "$_entry" ] || fail "$_entry: is not there"; done; }
gone() { for _entry; do ! [ -e "$_entry" ] && ! [ -L "$_entry" ] || fail "$_entry: is there"; done; }
holds() { # FILE TEXT: in its first line
    _line=
    read -r _line <"$1" || :
    [ "$_line" = "$2" ] || fail "$1: '$_line' is not '$2'"
}
write() { printf '%s\n' "$2" >"$1"; } # FILE TEXT
refused() { # FILE: cannot be written to
    if (: >"$1") 2>/dev/null; then fail "$1: can be written to"; fi
}

# How many lines of the mount table have this in them, in $count; 'table_has' asks for any.
count_mounts() { # TEXT
    _rest=$(mount) count=0
    while :; do
        case $_rest in *"$1"*) ;; *) return 0 ;; esac
        _rest=${_rest#*"$1"} count=$((count + 1))
    done
}
table_has() { count_mounts " on $1" && [ "$count" -gt 0 ]; }
mounted() { # PATH...
    for _place; do
        count_mounts " on $_place "
        [ "$count" = 1 ] || fail "$_place: mounted $count times, not once"
    done
}
unmounted() { # PATH...
    for _place; do
        count_mounts " on $_place "
        [ "$count" = 0 ] || fail "$_place: still mounted"
    done
}
volumes_are() { # NAME...: exactly these, in this order
    out=$(kvol ls -q) || fail "ls: $?"
    listed=
    for _name in $out; do listed="$listed $_name"; done
    [ "${listed# }" = "$*" ] || fail "volumes are '${listed# }', not '$*'"
}

# The fields of one entry, links not followed.
case $system in
FreeBSD)
    owner() { stat -f '%u:%g' "$1"; }
    mode() { stat -f '%Mp%03Lp' "$1"; }
    mtime() { stat -f '%Fm' "$1"; }
    atime() { stat -f '%Fa' "$1"; }
    inode() { stat -f '%i' "$1"; }
    blocks() { stat -f '%b' "$1"; }
    flags() { stat -f '%Sf' "$1"; }
    sized() { truncate -s "$1" "$2"; }
    # All that stat(2) tells and a copy has to keep; sizes of directories are the file system's own.
    manifest() { # DIRECTORY
        (cd "$1" && find -s . -type d ! -path './.zfs*' -exec stat -f '%N|%Sp|%u:%g|%Fm|%f' {} + &&
            find -s . ! -type d ! -path './.zfs*' -exec stat -f '%N|%Sp|%u:%g|%Fm|%f|%z|%l|%r|%Y' {} + &&
            find -s . -type f ! -path './.zfs*' -exec cksum {} +)
    }
    set_attribute() { setextattr user "$2" "$3" "$1"; } # PATH NAME VALUE
    attribute() { getextattr -q user "$2" "$1"; }
    system_attribute() { getextattr -q system "$2" "$1"; }
    set_system_attribute() { setextattr system "$2" "$3" "$1"; }
    device() { stat -f '%HT %Hr,%Lr' "$1"; }
    acl() { getfacl -nq "$1"; }
    set_acl() { case $place in zfs*) setfacl -m u:1001:rwx::allow "$1" ;; *) setfacl -m u:1001:rwx "$1" ;; esac; }
    default_acl() { case $place in zfs*) getfacl -nq "$1" ;; *) getfacl -dnq "$1" ;; esac; }
    ;;
*)
    owner() { stat -c '%u:%g' "$1"; }
    mode() { m=$(stat -c '%a' "$1") && while [ ${#m} -lt 4 ]; do m=0$m; done && echo "$m"; }
    mtime() { stat -c '%.9Y' "$1"; }
    atime() { stat -c '%.9X' "$1"; }
    inode() { stat -c '%i' "$1"; }
    blocks() { stat -c '%b' "$1"; }
    flags() { lsattr -d "$1"; }
    sized() { truncate -s "$1" "$2"; }
    manifest() {
        (cd "$1" && find . ! -path './.zfs*' -printf '%P|%y|%m|%U:%G|%T@|%l|' \( -type d -printf '\n' -o -printf '%s|%n\n' \) | sort &&
            find . -type f ! -path './.zfs*' -exec cksum {} + | sort)
    }
    set_attribute() { setfattr -n "user.$2" -v "$3" "$1"; }
    attribute() { getfattr --only-values -h -n "user.$2" "$1" 2>/dev/null; }
    system_attribute() { getfattr --only-values -h -n "trusted.$2" "$1" 2>/dev/null; }
    set_system_attribute() { setfattr -n "trusted.$2" -v "$3" "$1"; }
    device() { stat -c '%F %t,%T' "$1"; }
    acl() { getfacl -cnp "$1" 2>/dev/null; }
    set_acl() { setfacl -m u:1001:rwx "$1"; }
    default_acl() { getfacl -cdnp "$1" 2>/dev/null; }
    ;;
esac

# The next number below N of a sequence that the seed decides, in $drawn.
seed=${KVOL_ACCEPTANCE_SEED:-20261127}
draw() { # N
    seed=$(((seed * 1103515245 + 12345) % 2147483648))
    drawn=$((seed / 65536 % $1))
}

# Tries a command until it succeeds, for a minute at most.
eventually() { # COMMAND...
    _tries=0
    until "$@" >/dev/null 2>&1; do
        _tries=$((_tries + 1))
        [ "$_tries" -lt 300 ] || fail "never came: $*"
        sleep 0.2
    done
}
# A child that has ended can still be sent signals until the shell has waited for it, which 'jobs' makes it do. It is an optional part of
# POSIX that FreeBSD's sh, dash and bash have; checkbashisms takes it for one of bash.
alive() {
    eval 'jobs -p' >/dev/null
    kill -0 "$1" 2>/dev/null
}
# Remembers a process that the check must not leave behind.
hold() { holders="$holders $1"; }
release() {
    for _pid in $holders; do
        kill -9 "$_pid" || :
        wait "$_pid" || :
    done 2>/dev/null
    holders=
}
# A process that has its working directory there.
sit() { # DIRECTORY
    (cd "$1" && : >"$scratch/sits" && exec sleep 900) &
    sitter=$!
    hold $sitter
    until [ -e "$scratch/sits" ] || ! alive $sitter; do :; done
    rm "$scratch/sits"
}
stand_up() { kill "$sitter"; wait "$sitter" 2>/dev/null || :; }

# A tree of many files, made by the shell itself: DIRECTORIES with ten files each.
forest() { # DIRECTORY DIRECTORIES
    mkdir -p "$1"
    i=0 names=
    while [ $i -lt "$2" ]; do i=$((i + 1)) names="$names $1/d$i"; done
    # shellcheck disable=SC2086
    mkdir $names
    for d in $names; do
        for f in 0 1 2 3 4 5 6 7 8 9; do echo "$d $f" >"$d/f$f"; done
    done
}
# Runs a program as a user that is not root, by ids alone.
as_nobody() { case $system in FreeBSD) chroot -u 65534 / "$@" ;; *) chroot --userspec=65534:65534 / "$@" ;; esac; }
# A mount that is not kvol's.
host_mount() { # DIRECTORY MOUNTPOINT
    case $system in FreeBSD) mount -t nullfs "$1" "$2" ;; *) mount --bind "$1" "$2" ;; esac
}
# On ZFS the snapshot that a clone was made of stays with the old volume.
drop_clones() { # VOLUME
    [ "$store" = dir ] || zfs destroy -r "$pool/kvol/volumes/$1"
}
# Whether a seeding of this volume has begun to copy; how many top entries there are is in $entries.
staged() { # VOLUME
    entries=0
    # Where the entries lie depends on the store, and on whether a mount looks on.
    for _top in "$vols/$1"/.seeding/* "$vols/$1"/.seeding/tree/* "$vols/$1"/.kvol-seeding-*/* "$vols/$1"/.kvol-seeding-*/tree/*; do
        case $_top in *'*') ;; *) entries=$((entries + 1)) ;; esac
    done
    [ $entries -gt 0 ]
}
