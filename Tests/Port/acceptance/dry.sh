#!/bin/sh
# With KVOL_ACCEPTANCE_DRY=1, each command of a check that changes something is first run with -n: that must change nothing, end with the
# status of the command itself, and announce the mounts, the volumes and the snapshots that come and go.

# A check whose outcome -n cannot know, with the reason in $blind.
blind() { # CHECK
    case $1 in
    full_*) blind="a full disk shows in the work" ;;
    waits_for_holder) blind="-n takes no lock, and so waits for none" ;;
    import_cut) blind="-n does not read an archive" ;;
    prune_anonymous) blind="-n needs no consent" ;;
    *) return 1 ;;
    esac
}

# The verbs that take -n.
changing=" create rm mount umount attach detach seed snapshot rollback clone rename export import set undelete load-key unload-key init \
prune gc adopt release apply "

# Remembers what there is, and runs the command with -n behind its verb, into $dry; fails where it is no verb that changes anything.
dry_run() { # COMMAND...
    case $1 in kvol | configured | in_small) ;; *) return 1 ;; esac
    _front=$1 _verb=
    shift
    set -- "$@" --end-of-words
    _valued=0
    while [ "$1" != --end-of-words ]; do
        _word=$1
        shift
        if [ -z "$_verb" ]; then
            case $changing in
            *" $_word "*)
                _verb=$_word
                set -- "$@" "$_word" -n
                continue
                ;;
            esac
            case $_word in
            -*) ;;
            *) [ "$_valued" = 1 ] || return 1 ;;
            esac
            case $_word in --root | --wait) _valued=1 ;; *) _valued=0 ;; esac
        fi
        case $_word in -n | --dry-run | --help | -h) return 1 ;; esac
        set -- "$@" "$_word"
    done
    shift
    [ -n "$_verb" ] || return 1
    dry_all=$(everything) dry_names=$(entries_there) dry_mounts=$(places_mounted) dry_volumes=$(volumes_there) dry_status=0
    dry=$("$_front" "$@" 2>"$scratch/dry.err" </dev/null) || dry_status=$?
}

# Every entry that a command could change, the mounts, and what ZFS has.
everything() {
    mount
    set --
    for _path in "$scratch"/*; do
        case ${_path##*/} in log | begin | checks | dry.* | vdev | tree.*) ;; *) set -- "$@" "$_path" ;; esac
    done
    case $system in
    FreeBSD)
        # Soft updates change the time of a change once more, up to a second after a rename or a removal.
        if [ "$place" = ufs ]; then _changed=; else _changed=%Fc; fi
        find -s "$@" ! -path '*/.zfs*' -exec stat -f "%N %i %Sp %u:%g %z %Fm $_changed %f" {} +
        ;;
    *) find "$@" ! -path '*/.zfs*' -printf '%p %i %m %U:%G %s %T@ %C@ %l\n' | sort ;;
    esac
    [ "$store" = dir ] || zfs get -H -p -r -t all -o name,property,value,source \
        createtxg,mounted,canmount,mountpoint,quota,readonly,kvol:state,userrefs "$pool"
}
entries_there() { find "$fs" ! -path '*/.zfs*' ! -name '*.lock' ! -name locks | sort; }
places_mounted() {
    case $system in
    FreeBSD) mount | sed -n 's/^.* on \(.*\) (.*/\1/p' ;;
    *) mount | sed -n 's/^.* on \(.*\) type .*/\1/p' ;;
    esac | sort
}
volumes_there() {
    for _path in "$vols"/*; do case $_path in *'/*') ;; *) echo "${_path##*/}" ;; esac; done
    [ "$store" = dir ] || zfs list -H -t snapshot -o name -r "$pool/kvol/volumes" | sed 's|.*/||'
}
# The lines of one list that another lacks, each a line.
beyond() { # LIST LIST
    echo "$1" | while IFS= read -r _line; do
        case "$nl$2$nl" in *"$nl$_line$nl"*) ;; *) echo "$_line" ;; esac
    done
}

# A dataset that is mounted or unmounted is announced by its own name.
announced() { # NAME
    case $dry in *"$1"*) return 0 ;; esac
    case $store.$1 in zfs."$fs"/*) ;; *) return 1 ;; esac
    case $dry in *"$pool${1#"$fs"}"*) ;; *) return 1 ;; esac
}

dry_before() { # COMMAND...
    dry_status=
    ! blind "$check" || { echo "without -n: $blind"; return 0; }
    dry_run "$@" || return 0
    _now=$(everything)
    [ "$_now" = "$dry_all" ] || fail "-n changed: $(beyond "$_now" "$dry_all" | head -n 5): $*"
}
dry_after() { # STATUS COMMAND...
    [ -n "$dry_status" ] || return 0
    _got=$1
    shift
    [ "$dry_status" = "$_got" ] || fail "exit $dry_status with -n, $_got without: $* ($(cat "$scratch/dry.err"))"
    _mounts=$(places_mounted) _volumes=$(volumes_there)
    for _name in $(beyond "$_mounts" "$dry_mounts") $(beyond "$_volumes" "$dry_volumes"); do
        announced "$_name" || fail "$_name came, and -n did not say so: $* ($dry)"
    done
    for _name in $(beyond "$dry_mounts" "$_mounts") $(beyond "$dry_volumes" "$_volumes"); do
        announced "$_name" || fail "$_name went, and -n did not say so: $* ($dry)"
    done
    case $_got$dry in
    0 | '0# nothing to do')
        _names=$(entries_there)
        [ "$_names" = "$dry_names" ] || fail "-n announced nothing: $(beyond "$_names" "$dry_names"): $*"
        ;;
    esac
}
