#!/bin/sh
# jail(8), jail.conf(5) and kvol: as a hook, as a mount program, and after a jail that died.
J=kvolaccept$$
jail_conf() { # PARAMETER...
    {
        echo "$J { path = \"$R\"; persist; host.hostname = $J;"
        printf '%s\n' "$@"
        echo "}"
    } >"$scratch/jail.conf"
}
hooks() {
    echo "exec.prestart += \"$KVOL_BIN attach -q \$name \$path web:/www logs:/log\";"
    echo "exec.poststop += \"$KVOL_BIN detach \$name \$path\";"
}
start_jail() {
    # Nothing of a check that fails may be in the way of the next.
    trap 'end_jails; release' EXIT
    jail -q -f "$scratch/jail.conf" -c "$J"
}
stop_jail() { jail -q -f "$scratch/jail.conf" -r "$J"; }
end_jails() { jail -q -R "$J" 2>/dev/null || :; }
jail_with_hooks() { #: [jail] A jail has its volumes for as long as it runs, and gc leaves them.
    jail_conf "$(hooks)"
    start_jail
    mounted "$R/log" "$R/www"
    holds "$R/www/.htpasswd" secret
    kvol gc
    mounted "$R/log"
    stop_jail
    unmounted "$R/log" "$R/www"
    gone "$R/log"
}
jail_restarted() { #: [jail] What a jail wrote is there after a restart.
    jail_conf "$(hooks)"
    start_jail
    write "$R/www/new" kept
    stop_jail
    start_jail
    holds "$R/www/new" kept
    stop_jail
    unmounted "$R/www"
}
jail_fails_to_start() { #: [jail] A jail that does not start leaves its mounts until detach, gc leaves what may still start.
    jail_conf "$(hooks)" 'exec.prestart += "/usr/bin/false";'
    if start_jail 2>/dev/null; then fail "the jail started"; fi
    kvol gc
    mounted "$R/log"
    kvol detach "$J" "$R"
    unmounted "$R/log" "$R/www"
}
jail_fails_then_starts() { #: [jail] The next start takes over what a start that failed left.
    jail_conf "$(hooks)" 'exec.prestart += "/usr/bin/false";'
    if start_jail 2>/dev/null; then fail "the jail started"; fi
    jail_conf "$(hooks)"
    start_jail
    mounted "$R/log" "$R/www"
    stop_jail
    unmounted "$R/log" "$R/www"
}
jail_command_fails() { #: [jail] A jail whose exec.start fails is undone by its hooks or by gc.
    jail_conf "$(hooks)" 'exec.start += "/usr/bin/false";'
    if start_jail 2>/dev/null; then fail "the jail started"; fi
    kvol detach "$J" "$R"
    unmounted "$R/log" "$R/www"
    volumes_are logs web
}
jail_prestart_fails() { #: [jail] When attach fails the jail does not start, and nothing is left.
    jail_conf "exec.prestart += \"$KVOL_BIN attach -q \$name \$path web:/www:nocreate\";"
    if start_jail 2>/dev/null; then fail "the jail started"; fi
    unmounted "$R/www"
    volumes_are
    kvol create works
}
jail_removed() { #: [jail] A jail that was removed without its hooks is undone by gc.
    jail_conf "$(hooks)"
    start_jail
    kvol gc
    jail -q -R "$J"
    kvol gc
    unmounted "$R/log" "$R/www"
    want 0 kvol mounts -H
    same "$out" ''
}
jail_dies() { #: [jail] A jail that ends with its last process is undone by gc.
    kvol attach -q "$J" "$R" web:/www logs:/log
    # Directories of the host, so that there is something to run.
    for directory in bin lib libexec; do
        mkdir "$R/$directory"
        host_mount "/$directory" "$R/$directory"
    done
    trap 'end_jails; release' EXIT
    jail -q -c name="$J" path="$R" command=/bin/sleep 900 &
    hold $!
    eventually jls -j "$J"
    kvol gc
    mounted "$R/www"
    jexec "$J" /bin/kill -9 -1 || :
    eventually jail_gone
    kvol gc
    unmounted "$R/www" "$R/log"
}
jail_gone() { ! jls -j "$J" >/dev/null 2>&1; }
jail_busy_process() { #: [jail] A process that outlives detach keeps its mount, is named, and the next detach finishes.
    jail_conf "$(hooks)"
    start_jail
    sit "$R/www"
    want 75 kvol detach "$J" "$R"
    says "$sitter"
    stand_up
    kvol detach "$J" "$R"
    unmounted "$R/www"
    jail -q -R "$J"
}
jail_volume_in_use() { #: [jail] rm refuses the volume of a running jail and names the jail; -f unmounts what is idle.
    jail_conf "$(hooks)"
    start_jail
    want 75 kvol rm web
    want 0 kvol ls -o name,jails
    says "$J"
    want 0 kvol rm -f web
    unmounted "$R/www"
    jail -q -R "$J"
    kvol gc
}
jail_second_reads() { #: [jail rescue] A second jail reads what the first one writes, and cannot write.
    mkdir -p "$S/rescue"
    cp /rescue/sh "$S/rescue/sh"
    kvol mount -q "$R" shared:/www
    kvol mount -q "$S" shared:/srv:ro
    write "$R/www/new" hello
    same "$(jail -c path="$S" command=/rescue/sh -c 'read line </srv/new && echo $line')" hello
    if jail -c path="$S" command=/rescue/sh -c ': >/srv/no' 2>/dev/null; then fail "it wrote"; fi
    gone "$R/www/no"
}
jail_mount_program() { #: [jail] The mount program serves jail(8)'s own mounts.
    make_mount_program
    jail_conf "mount += \"web $R/www nullfs rw,root=$R,mountprog=$scratch/kvol-mount 0 0\";"
    start_jail
    mounted "$R/www"
    holds "$R/www/.htpasswd" secret
    stop_jail
    unmounted "$R/www"
}
jail_mount_program_fails() { #: [jail] A jail that fails to start is rid of its own mounts by jail(8).
    make_mount_program
    jail_conf "mount += \"web $R/www nullfs rw,root=$R,mountprog=$scratch/kvol-mount 0 0\";" 'exec.created += "/usr/bin/false";'
    if start_jail 2>/dev/null; then fail "the jail started"; fi
    unmounted "$R/www"
    volumes_are web
}
jail_mount_fstab() { #: [jail] The mount program works from a file named by mount.fstab.
    make_mount_program
    echo "web $R/www nullfs ro,root=$R,mountprog=$scratch/kvol-mount 0 0" >"$scratch/fstab"
    jail_conf "mount.fstab = \"$scratch/fstab\";"
    start_jail
    mounted "$R/www"
    refused "$R/www/new"
    stop_jail
    unmounted "$R/www"
}
make_mount_program() {
    mkdir -p "$scratch/local/sbin"
    ln -sf "$KVOL_BIN" "$scratch/local/sbin/kvol"
    sed "s|%%PREFIX%%|$scratch/local|g" "$top/port/sysutils/kvol/files/kvol-mount.in" >"$scratch/kvol-mount"
    chmod 755 "$scratch/kvol-mount"
}
jail_single_file() { #: [jail] A single file is not mounted under a running jail without -f.
    mkdir "$outside"
    write "$outside/file" host
    jail_conf ''
    start_jail
    want 75 kvol mount "$R" "$outside/file:/etc/new"
    says jail -f
    gone "$R/etc/new"
    kvol mount -q -f "$R" "$outside/file:/etc/new"
    holds "$R/etc/new" host
    stop_jail
}
inside_jail() { #: [jail once] Inside a jail kvol refuses before it changes anything, and doctor says so.
    inside() { jail -c path=/ allow.mlock=1 allow.mount=1 allow.mount.nullfs=1 enforce_statfs=1 command="$KVOL_BIN" "$@"; }
    got=0
    out=$(inside mount "$R" web:/www 2>&1) || got=$?
    differ $got 0
    says 'kvol: ' jail
    lacks undone
    unmounted "$R/www"
    gone "$vols/web"
    out=$(inside doctor 2>&1) || got=$?
    says jail
}
jails_hundred() { #: [jail once] A hundred jails start and stop, each with its own mount of one volume.
    {
        echo "path = \"$jails/\$name\"; persist;"
        echo "exec.prestart = \"$KVOL_BIN attach -q \$name \$path shared:/srv:nocreate\";"
        echo "exec.poststop = \"$KVOL_BIN detach \$name \$path\";"
        i=0
        while [ $i -lt 100 ]; do
            echo "$J-$i { host.hostname = h$i; }"
            i=$((i + 1))
        done
    } >"$scratch/many.conf"
    kvol create shared
    write "$(data shared)/file" kept
    i=0 names=
    while [ $i -lt 100 ]; do names="$names $jails/$J-$i" i=$((i + 1)); done
    # shellcheck disable=SC2086
    mkdir $names
    jail -q -p 4 -f "$scratch/many.conf" -c '*'
    count_mounts "/srv (nullfs"
    same "$count" 100
    holds "$jails/$J-99/srv/file" kept
    kvol gc
    count_mounts "/srv (nullfs"
    same "$count" 100
    jail -q -p 4 -f "$scratch/many.conf" -r '*'
    count_mounts "/srv (nullfs"
    same "$count" 0
}
jails_removed_at_once() { #: [jail] Several jails that are removed without their hooks are undone by one gc.
    {
        echo "path = \"$jails/\$name\"; persist;"
        echo "exec.prestart = \"$KVOL_BIN attach -q \$name \$path shared:/srv\";"
        for i in 1 2 3 4 5; do echo "$J-$i { host.hostname = h$i; }"; done
    } >"$scratch/many.conf"
    mkdir "$jails/$J-1" "$jails/$J-2" "$jails/$J-3" "$jails/$J-4" "$jails/$J-5"
    jail -q -f "$scratch/many.conf" -c '*'
    kvol gc
    for i in 1 2 3; do jail -q -R "$J-$i"; done
    kvol gc
    unmounted "$jails/$J-1/srv" "$jails/$J-2/srv" "$jails/$J-3/srv"
    mounted "$jails/$J-4/srv" "$jails/$J-5/srv"
    jail -q -R "$J-4"
    jail -q -R "$J-5"
    kvol gc
    count_mounts " on $jails/$J"
    same "$count" 0
}
