#!/bin/sh
# The main promises, checked by sh(1) and the base system's tools alone, as root, on FreeBSD or Linux. The last line is the count.
# KVOL_BIN: the program; otherwise bin/kvol of this tree. KVOL_TEST_POOL: a scratch ZFS pool, on which all is done once more.
cd "$(dirname "$0")/../.." || exit 1
KVOL_BIN=${KVOL_BIN:-$PWD/bin/kvol}
passed=0 failed=0
if [ "$(id -u)" != 0 ] || [ ! -x "$KVOL_BIN" ]; then
    echo "acceptance: needs root, and $KVOL_BIN (run make first)" >&2
    echo "0 passed, 1 failed"
    exit 1
fi
system=$(uname -s)
# Where the path has no link in it: mount(8) shows the real one.
scratch=$(cd "$(mktemp -d "${TMPDIR:-/tmp}/kvol-acceptance.XXXXXX")" && pwd -P) || exit 1
export KVOL_RUN="$scratch/run" KVOL_CONFIG="$scratch/kvol.conf" KVOL_ROOT="$scratch/store"
: >"$KVOL_CONFIG"
R=$scratch/jails/www
S=$scratch/jails/second

kvol() { "$KVOL_BIN" "$@"; }
fail() { echo "$*" >&2; exit 1; }
status() { # STATUS COMMAND...
    want=$1
    shift
    have=0
    "$@" >"$scratch/out" 2>&1 || have=$?
    [ "$have" = "$want" ] || fail "exit $have instead of $want: $* ($(cat "$scratch/out"))"
}
mounts() { mount | grep -c " on $1 "; } # how many mounts are on a path
mounted() { [ "$(mounts "$1")" = 1 ] || fail "$1: not mounted exactly once"; }
unmounted() { [ "$(mounts "$1")" = 0 ] || fail "$1: still mounted"; }
same() { [ "$1" = "$2" ] || fail "'$1' is not '$2'"; }
owner() { ls -ldn "$1" | awk '{ print $1, $3, $4 }'; }

fixture() {
    mkdir -p "$R/usr/local/www/nginx" "$R/etc" "$S"
    echo index >"$R/usr/local/www/nginx/index.html"
    echo secret >"$R/usr/local/www/nginx/.htpasswd"
    ln "$R/usr/local/www/nginx/index.html" "$R/usr/local/www/nginx/index.htm"
    ln -s ../../nowhere "$R/usr/local/www/nginx/link"
    chown -R 80:80 "$R/usr/local/www/nginx"
    chmod 750 "$R/usr/local/www/nginx"
}
clear_all() {
    [ ! -e "$scratch/holder" ] || { kill "$(cat "$scratch/holder")"; rm -f "$scratch/holder"; } 2>/dev/null
    for root in "$scratch"/jails/*; do
        [ -d "$root" ] && kvol umount -f "$root" >/dev/null 2>&1
    done
    for volume in $(kvol ls -q 2>/dev/null); do
        kvol rm -f "$volume" >/dev/null 2>&1
    done
    rm -rf "$scratch/jails" "$scratch/outside"
}
check() { # FUNCTION
    fixture
    # Not as a condition: there set -e means nothing.
    ( set -e; "$1" >"$scratch/log" 2>&1 )
    if [ $? = 0 ]; then
        passed=$((passed + 1))
        echo "ok $1 $where"
    else
        failed=$((failed + 1))
        echo "not ok $1 $where"
        sed 's/^/    /' "$scratch/log"
    fi
    clear_all
}
finish() {
    clear_all
    [ -z "$KVOL_TEST_POOL" ] || zfs destroy -r "$KVOL_TEST_POOL/kvol-acceptance" 2>/dev/null
    rm -rf "$scratch"
}
trap finish EXIT
trap 'exit 1' INT TERM

a_volume_is_created_listed_and_removed() {
    same "$(kvol create data)" data
    same "$(kvol create data)" data
    same "$(kvol ls -q)" data
    same "$(kvol rm data)" data
    same "$(kvol ls -q)" ""
    status 66 kvol inspect data
    status 64 kvol create 'a/b'
}
a_first_mount_seeds_exactly() {
    before=$(owner "$R/usr/local/www/nginx")
    kvol mount "$R" web:/usr/local/www/nginx
    mounted "$R/usr/local/www/nginx"
    same "$(cat "$R/usr/local/www/nginx/.htpasswd")" secret
    same "$(ls -ld "$R/usr/local/www/nginx/index.html" | awk '{ print $2 }')" 2
    same "$(readlink "$R/usr/local/www/nginx/link")" ../../nowhere
    same "$(owner "$R/usr/local/www/nginx")" "$before"
    echo new >"$R/usr/local/www/nginx/new"
    kvol umount "$R"
    unmounted "$R/usr/local/www/nginx"
    [ ! -e "$R/usr/local/www/nginx/new" ]
}
a_volume_that_holds_something_is_not_overwritten() {
    kvol mount "$R" web:/usr/local/www/nginx
    echo changed >"$R/usr/local/www/nginx/index.html"
    kvol umount "$R"
    same "$(cat "$R/usr/local/www/nginx/index.html")" index
    kvol mount "$R" web:/usr/local/www/nginx
    mounted "$R/usr/local/www/nginx"
    same "$(cat "$R/usr/local/www/nginx/index.html")" changed
}
a_second_mount_can_be_read_only() {
    kvol mount "$R" web:/usr/local/www/nginx
    kvol mount "$S" web:/srv/web:ro
    echo hello >"$R/usr/local/www/nginx/new"
    same "$(cat "$S/srv/web/new")" hello
    if (echo no >"$S/srv/web/no") 2>/dev/null; then fail "a read-only mount took a write"; fi
    kvol umount "$S"
    [ ! -e "$S/srv" ] || fail "$S/srv is left"
}
a_mount_that_is_there_is_done_already_and_another_is_refused() {
    kvol mount "$R" web:/usr/local/www/nginx
    kvol mount "$R" web:/usr/local/www/nginx
    mounted "$R/usr/local/www/nginx"
    status 75 kvol mount "$R" other:/usr/local/www/nginx
    status 75 kvol mount "$R" web:/usr/local/www/nginx:ro
    mounted "$R/usr/local/www/nginx"
    same "$(kvol ls -q)" web
}
parents_are_mounted_first_and_unmounted_last() {
    kvol mount "$R" inner:/srv/a/b/c outer:/srv/a
    mounted "$R/srv/a"
    mounted "$R/srv/a/b/c"
    kvol umount "$R"
    [ ! -e "$R/srv" ] || fail "$R/srv is left"
}
all_is_undone_when_one_fails() {
    status 66 kvol mount "$R" one:/srv/one absent:/srv/two:nocreate
    unmounted "$R/srv/one"
    [ ! -e "$R/srv" ] || fail "$R/srv is left"
    same "$(kvol ls -q)" ""
}
no_link_leads_out_of_the_root_directory() {
    mkdir -p "$scratch/outside"
    ln -s "$scratch/outside" "$R/etc/absolute"
    ln -s ../../../../../../../../../..$scratch/outside "$R/etc/relative"
    kvol mount "$R" one:/etc/absolute/here two:/etc/relative/there
    same "$(ls "$scratch/outside")" ""
    same "$(mount | grep -c " on $R$scratch/outside/")" 2
}
a_mounted_volume_is_not_removed() {
    kvol mount "$R" web:/usr/local/www/nginx
    status 75 kvol rm web
    kvol rm -f web
    unmounted "$R/usr/local/www/nginx"
}
what_is_busy_is_left_and_the_next_umount_finishes() {
    kvol mount "$R" web:/usr/local/www/nginx logs:/var/log
    (cd "$R/usr/local/www/nginx" && exec sleep 600) &
    holder=$!
    echo $holder >"$scratch/holder"
    until [ -n "$(ps -o pid= -p $holder)" ]; do :; done
    sleep 1
    status 75 kvol umount "$R"
    mounted "$R/usr/local/www/nginx"
    unmounted "$R/var/log"
    kill $holder
    wait $holder 2>/dev/null || :
    kvol umount "$R"
    unmounted "$R/usr/local/www/nginx"
}
a_host_directory_and_a_single_file_can_be_mounted() {
    mkdir -p "$scratch/outside/dir"
    echo host >"$scratch/outside/dir/file"
    kvol mount "$R" "$scratch/outside/dir:/mnt:ro" "$scratch/outside/dir/file:/etc/hosts.extra:ro"
    same "$(cat "$R/mnt/file")" host
    same "$(cat "$R/etc/hosts.extra")" host
    kvol umount "$R"
    [ ! -e "$R/etc/hosts.extra" ] || fail "the placeholder file is left"
}
five_at_once_seed_one_volume_once() {
    pids=
    for i in 1 2 3 4 5; do
        mkdir -p "$scratch/jails/j$i/srv"
        cp -R "$R/usr/local/www/nginx/." "$scratch/jails/j$i/srv"
        kvol mount "$scratch/jails/j$i" shared:/srv &
        pids="$pids $!"
    done
    for pid in $pids; do wait "$pid" || fail "a mount failed"; done
    for i in 1 2 3 4 5; do
        mounted "$scratch/jails/j$i/srv" && same "$(cat "$scratch/jails/j$i/srv/.htpasswd")" secret
    done
}
a_killed_seeding_is_done_again() {
    mkdir -p "$R/big"
    i=0
    while [ $i -lt 300 ]; do
        mkdir "$R/big/$i"
        for file in a b c d e f g h; do echo $i >"$R/big/$i/$file"; done
        i=$((i + 1))
    done
    kvol mount "$R" big:/big &
    sleep 0.3
    kill -9 $! 2>/dev/null || :
    wait $! 2>/dev/null || :
    kvol mount "$R" big:/big
    mounted "$R/big"
    same "$(find "$R/big" -type f | wc -l | tr -d ' ')" 2400
}
an_attachment_is_undone_as_one() {
    kvol attach www "$R" web:/usr/local/www/nginx logs:/var/log
    kvol attach www "$R" web:/usr/local/www/nginx logs:/var/log
    kvol mount "$R" other:/srv
    mounted "$R/var/log"
    kvol detach www "$R"
    unmounted "$R/usr/local/www/nginx"
    unmounted "$R/var/log"
    mounted "$R/srv"
    kvol detach www "$R"
}
jail_conf() { # PARAMETER...
    {
        echo "kvoltest { path = \"$R\"; persist; host.hostname = kvoltest;"
        printf '%s\n' "$@"
        echo "}"
    } >"$scratch/jail.conf"
}
attach_hooks() {
    echo "exec.prestart += \"$KVOL_BIN attach \$name \$path web:/usr/local/www/nginx logs:/var/log\";"
    echo "exec.poststop += \"$KVOL_BIN detach \$name \$path\";"
}
a_jail_has_its_volumes_for_as_long_as_it_runs() {
    jail_conf "$(attach_hooks)"
    jail -q -f "$scratch/jail.conf" -c kvoltest
    mounted "$R/var/log"
    kvol gc
    mounted "$R/var/log"
    jail -q -f "$scratch/jail.conf" -r kvoltest
    unmounted "$R/var/log"
    unmounted "$R/usr/local/www/nginx"
}
a_jail_that_does_not_start_leaves_nothing_after_detach() {
    jail_conf "$(attach_hooks)" 'exec.prestart += "/usr/bin/false";'
    if jail -q -f "$scratch/jail.conf" -c kvoltest 2>/dev/null; then fail "the jail started"; fi
    kvol gc
    mounted "$R/var/log" # perhaps it is still starting
    kvol detach kvoltest "$R"
    unmounted "$R/var/log"
}
a_jail_that_was_removed_without_its_hooks_is_undone_by_gc() {
    jail_conf "$(attach_hooks)"
    jail -q -f "$scratch/jail.conf" -c kvoltest
    kvol gc
    jail -q -R kvoltest
    kvol gc
    unmounted "$R/var/log"
    unmounted "$R/usr/local/www/nginx"
}
the_mount_program_serves_jails_own_mounts() {
    mkdir -p "$scratch/local/sbin"
    ln -sf "$KVOL_BIN" "$scratch/local/sbin/kvol"
    sed "s|%%PREFIX%%|$scratch/local|g" port/sysutils/kvol/files/kvol-mount.in >"$scratch/kvol-mount"
    chmod 755 "$scratch/kvol-mount"
    jail_conf "mount += \"web $R/usr/local/www/nginx nullfs rw,root=$R,mountprog=$scratch/kvol-mount 0 0\";"
    jail -q -f "$scratch/jail.conf" -c kvoltest
    mounted "$R/usr/local/www/nginx"
    same "$(cat "$R/usr/local/www/nginx/.htpasswd")" secret
    jail -q -f "$scratch/jail.conf" -r kvoltest
    unmounted "$R/usr/local/www/nginx"
}

all() {
    check a_volume_is_created_listed_and_removed
    check a_first_mount_seeds_exactly
    check a_volume_that_holds_something_is_not_overwritten
    check a_second_mount_can_be_read_only
    check a_mount_that_is_there_is_done_already_and_another_is_refused
    check parents_are_mounted_first_and_unmounted_last
    check all_is_undone_when_one_fails
    check no_link_leads_out_of_the_root_directory
    check a_mounted_volume_is_not_removed
    check what_is_busy_is_left_and_the_next_umount_finishes
    check a_host_directory_and_a_single_file_can_be_mounted
    check five_at_once_seed_one_volume_once
    check a_killed_seeding_is_done_again
    check an_attachment_is_undone_as_one
    if [ "$system" = FreeBSD ]; then
        check a_jail_has_its_volumes_for_as_long_as_it_runs
        check a_jail_that_does_not_start_leaves_nothing_after_detach
        check a_jail_that_was_removed_without_its_hooks_is_undone_by_gc
        check the_mount_program_serves_jails_own_mounts
    fi
}

where="(directory store)"
all
if [ -n "$KVOL_TEST_POOL" ]; then
    export KVOL_ROOT="$KVOL_TEST_POOL/kvol-acceptance"
    where="(ZFS store)"
    kvol init >/dev/null || failed=$((failed + 1))
    all
fi
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
