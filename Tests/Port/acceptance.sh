#!/bin/sh
# kvol's acceptance test: its promises, verb by verb, checked by sh(1) and the base system's tools alone, as root, on FreeBSD or Linux.
#
#	acceptance.sh [-alv] [PATTERN...]
#
# -l lists the checks, -v prints what each one printed and how long it took. A PATTERN is looked for in names, descriptions and file names.
# All checks run in the first place; in the others run those that depend on where the content lies, or all with -a.
# One line tells of each check; the last line is the count. The exit status is 1 if a check failed.
#
# KVOL_BIN                the program; otherwise bin/kvol of this tree
# KVOL_TEST_POOL          a scratch ZFS pool; otherwise one is made on a file, where zpool(8) is there
# KVOL_ACCEPTANCE_PLACES  which places to run in: ufs, zfsdir and zfs on FreeBSD; here, tmpfs and zfs on Linux
# KVOL_ACCEPTANCE_DRY     if set, commands that change something are first run with -n, which is held against what they then do
# KVOL_ACCEPTANCE_SEED    the number that the random moments are drawn from
# TMPDIR                  where the scratch directory is made
top=$(cd "$(dirname "$0")/../.." && pwd -P) || exit 1
parts=$top/Tests/Port/acceptance
verbose=0 list=0 everything=0
while getopts alv option; do
    case $option in
    a) everything=1 ;;
    l) list=1 ;;
    v) verbose=1 ;;
    *) echo "usage: acceptance.sh [-alv] [PATTERN...]" >&2; exit 64 ;;
    esac
done
shift $((OPTIND - 1))
KVOL_BIN=${KVOL_BIN:-$top/bin/kvol}
system=$(uname -s)
# Which side of kvol runs: FreeBSD's runs on Linux too, against a stand-in for FreeBSD's libc.
side=${KVOL_TEST_OS:-$system}
if [ "$list" = 0 ] && { [ "$(id -u)" != 0 ] || [ ! -x "$KVOL_BIN" ]; }; then
    echo "acceptance: needs root, and $KVOL_BIN (run make first)" >&2
    echo "0 passed, 1 failed, 0 skipped"
    exit 1
fi
# Where the path has no link in it: mount(8) shows the real one.
scratch=$(cd "$(mktemp -d "${TMPDIR:-/tmp}/kvol-acceptance.XXXXXX")" && pwd -P) || exit 1
LC_ALL=C KVOL_RUN=$scratch/run KVOL_CONFIG=$scratch/kvol.conf
export LC_ALL KVOL_RUN KVOL_CONFIG
unset KVOL_ROOT
umask 022
: >"$KVOL_CONFIG"
passed=0 failed=0 skipped=0 number=0

dry_first=${KVOL_ACCEPTANCE_DRY-}
. "$parts/helpers.sh"
. "$parts/dry.sh"
. "$parts/needs.sh"
. "$parts/places.sh"

# A check is a function whose first line ends in '#: [TAG...] What it shows.'; this lists them as NAME|TAGS|DESCRIPTION|FILE.
subjects="volumes listing stores seeds exact mounts options undo links umounts attach conflicts together kills full status archives
    snapshots properties keep streams encryption jails scripts messages secure"
for subject in $subjects; do
    sed -n 's/^\([a-z0-9_]*\)() { #: \[\([^]]*\)\] \(.*\)\.$/\1|\2|\3/p
        s/^\([a-z0-9_]*\)() { #: \([^[].*\)\.$/\1||\2/p' "$parts/$subject.sh" | while read -r line; do echo "$line|$subject"; done
done >"$scratch/checks"

chosen() { # LINE PATTERN...
    line=$1
    shift
    [ $# -gt 0 ] || return 0
    for pattern; do
        case $line in *"$pattern"*) return 0 ;; esac
    done
    return 1
}

# Whether a check has something to show in this place, whatever the machine has.
belongs() { # TAGS FILE
    if [ "$place" != "$first" ] && [ $everything = 0 ]; then
        case $place in
        zfsdir) case $2 in exact | seeds | full | kills | secure) ;; *) return 1 ;; esac ;;
        *) case $2 in listing | options | links | umounts | conflicts | status | jails | scripts | messages) return 1 ;; esac ;;
        esac
    fi
    for tag in $1; do
        case $tag in
        once) [ "$place" = "$first" ] || return 1 ;;
        dir | zfs) [ "$store" = "$tag" ] || return 1 ;;
        nojail) [ "$system" != FreeBSD ] || return 1 ;;
        esac
    done
}

# The reason why this machine cannot run it, if there is one.
reason() { # TAGS
    for tag in $1; do
        case $tag in
        once | dir | zfs | nojail) ;;
        *) "needs_$tag" || return 0 ;;
        esac
    done
}

skip() { # DESCRIPTION REASON
    skipped=$((skipped + 1)) number=$((number + 1))
    echo "skip $number $1 ($where): $2"
}

run() { # NAME DESCRIPTION
    number=$((number + 1)) check=$1
    [ "$verbose" = 0 ] || start=$(date +%s)
    fixture
    # Not as a condition: there set -e means nothing.
    ( set -e; holders=; trap 'release' EXIT; "$1" ) >"$scratch/log" 2>&1
    result=$?
    clear_all >>"$scratch/log" 2>&1 || result=1
    if [ "$result" = 0 ]; then
        passed=$((passed + 1))
        echo "ok $number $2 ($where)"
    else
        failed=$((failed + 1))
        echo "not ok $number $2 ($where): $1"
        clear_datasets >>"$scratch/log" 2>&1
    fi
    [ "$result" = 0 ] && [ "$verbose" = 0 ] || sed 's/^/    /' "$scratch/log"
    [ "$verbose" = 0 ] || echo "    $(($(date +%s) - start)) s"
}

all() {
    current=
    # Descriptor 3: the checks' own programs read from standard input.
    while IFS='|' read -r name tags description subject <&3; do
        chosen "$name $description $subject" "$@" && belongs "$tags" "$subject" || continue
        why=$(reason "$tags")
        if [ -n "$why" ]; then
            skip "$description" "$why"
            continue
        fi
        if [ "$subject" != "$current" ]; then
            end_subject
            current=$subject kept=
            . "$parts/$subject.sh"
            begin_subject
        fi
        run "$name" "$description"
    done 3<"$scratch/checks"
    end_subject
}

# A file may have functions begin_SUBJECT and end_SUBJECT, for what several of its checks look at.
begin_subject() {
    case $(command -v "begin_$current") in "begin_$current") ;; *) return 0 ;; esac
    fixture
    ( set -e; "begin_$current" ) >"$scratch/begin" 2>&1 || :
}
end_subject() {
    [ -n "$current" ] || return 0
    case $(command -v "end_$current") in "end_$current") "end_$current" >/dev/null 2>&1 ;; esac
    current= kept=
    clear_all >/dev/null 2>&1
}

finish() {
    trap '' INT TERM HUP
    [ -z "$place" ] || end_subject
    leave_place
    drop_pool
    # rm -x and --one-file-system differ; with everything unmounted neither is needed.
    if table_has "$scratch/"; then
        echo "acceptance: $scratch: something is still mounted below it" >&2
    else
        [ "$system" = Linux ] || chflags -R 0 "$scratch" 2>/dev/null
        rm -rf "$scratch"
    fi
}
place=
trap finish EXIT
trap 'exit 1' INT TERM HUP

if [ "$list" = 1 ]; then
    while IFS='|' read -r name tags description subject; do
        chosen "$name $description $subject" "$@" && printf '%-11s %s%s\n' "$subject" "$description" "${tags:+ [$tags]}"
    done <"$scratch/checks"
    exit 0
fi
case $system in
FreeBSD) places=${KVOL_ACCEPTANCE_PLACES:-ufs zfsdir zfs} ;;
*) places=${KVOL_ACCEPTANCE_PLACES:-here tmpfs zfs} ;;
esac
first=${places%% *}
begun=$(date +%s)
for place in $places; do
    if enter_place; then
        all "$@"
        leave_place
    else
        # Counted like the others, and told of in one line.
        without=0
        while IFS='|' read -r name tags description subject; do
            if chosen "$name $description $subject" "$@" && belongs "$tags" "$subject"; then without=$((without + 1)); fi
        done <"$scratch/checks"
        skipped=$((skipped + without))
        echo "skip $without checks ($where): $missing"
    fi
done
place=
echo "$(($(date +%s) - begun)) seconds"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
