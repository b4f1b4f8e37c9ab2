#!/bin/sh
# The rc script, the periodic script and the mount program, as shipped.
P=$scratch/local
begin_scripts() {
    mkdir -p "$P/sbin" "$P/etc/rc.d"
    ln -sf "$KVOL_BIN" "$P/sbin/kvol"
    for script in kvol kvol-mount 500.kvol-gc; do
        sed "s|%%PREFIX%%|$P|g; s|%%LOCALBASE%%|$P|g" "$top/port/sysutils/kvol/files/$script.in" >"$P/$script"
        chmod 755 "$P/$script"
    done
}
rc() { # COMMAND [NAME]: the rc script with its variables in the environment
    env kvol_enable=YES "kvol_mounts=web data" "kvol_web_root=$R" "kvol_web_specs=web:/www" \
        "kvol_data_root=$S" "kvol_data_specs=web:/srv:ro 'logs:/var/log files'" sh "$P/kvol" "$@"
}
rc_start_stop() { #: [rc] The rc script mounts in order at start, and undoes all at stop.
    want 0 rc start
    mounted "$R/www" "$S/srv"
    holds "$S/srv/.htpasswd" secret
    there "$S/var/log files"
    want 0 rc status
    says "$R/www"
    want 0 rc stop
    unmounted "$R/www" "$S/srv"
    gone "$S/srv" "$S/var"
}
rc_again() { #: [rc] A second start succeeds and mounts nothing twice; restart mounts anew.
    rc start
    want 0 rc start
    mounted "$R/www"
    want 0 rc restart
    mounted "$R/www"
    rc stop
    unmounted "$R/www"
}
rc_one_name() { #: [rc] start and stop of one name leave the others.
    want 0 rc start data
    unmounted "$R/www"
    mounted "$S/srv"
    rc start web
    want 0 rc stop data
    mounted "$R/www"
    unmounted "$S/srv"
    rc stop
}
rc_busy() { #: [rc] What is busy fails the stop with its name, and forcestop unmounts it.
    rc start
    sit "$R/www"
    got=0
    out=$(rc stop 2>&1) || got=$?
    differ $got 0
    says "$sitter" web
    mounted "$R/www"
    unmounted "$S/srv"
    want 0 rc forcestop
    unmounted "$R/www"
}
rc_bad_name() { #: [rc] A name without a root directory is told of, and the others are mounted.
    got=0
    out=$(env kvol_enable=YES "kvol_mounts=missing web" "kvol_web_root=$R" "kvol_web_specs=web:/www" sh "$P/kvol" start 2>&1) || got=$?
    differ $got 0
    says missing
    mounted "$R/www"
    rc stop
}
rc_disabled() { #: [rc] Without kvol_enable nothing is mounted.
    out=$(env kvol_enable=NO kvol_mounts=web "kvol_web_root=$R" "kvol_web_specs=web:/www" sh "$P/kvol" start 2>&1) || :
    unmounted "$R/www"
    want 0 rc start
    mounted "$R/www"
    rc stop
}
rc_heals() { #: [rc] start undoes what dead jails left.
    sleep 900 &
    hold $!
    kvol attach -q --pid $! old "$R" old:/old
    release
    want 0 rc start
    unmounted "$R/old"
    mounted "$R/www"
    rc stop
}
periodic_gc() { #: [periodic] The periodic script undoes what dead jails left, and tells it.
    sleep 900 &
    hold $!
    kvol attach -q --pid $! old "$R" old:/old
    release
    got=0
    out=$(env daily_kvol_gc_enable=YES sh "$P/500.kvol-gc" 2>&1) || got=$?
    same $got 1
    says old
    unmounted "$R/old"
    want 0 env daily_kvol_gc_enable=YES sh "$P/500.kvol-gc"
    lacks old
}
periodic_off() { #: [periodic] The periodic script does nothing unless it is enabled.
    sleep 900 &
    hold $!
    kvol attach -q --pid $! old "$R" old:/old
    release
    want 0 sh "$P/500.kvol-gc"
    same "$out" ''
    mounted "$R/old"
    kvol gc >/dev/null
}
mount_program() { #: [once] The mount program mounts a volume for mount(8), with its options.
    want 0 "$P/kvol-mount" -o ro -o "root=$R" web "$R/www"
    mounted "$R/www"
    refused "$R/www/new"
    holds "$R/www/.htpasswd" secret
}
mount_program_refuses() { #: [once] The mount program refuses a place that is not below root=, and root= that is missing or relative.
    want 64 "$P/kvol-mount" -o "root=$R" web "$S"
    want 64 "$P/kvol-mount" -o rw web "$R/www"
    want 64 "$P/kvol-mount" -o root=relative web "$R/www"
    want 64 "$P/kvol-mount" -o "root=$R" web
    unmounted "$R/www"
    want 0 "$P/kvol-mount" -o "root=$R" web "$R/www"
    mounted "$R/www"
}
mount_program_links() { #: [once] The mount program resolves its place once more inside the root directory.
    mkdir -p "$outside" "$R$outside"
    ln -s "$outside" "$R/link"
    want 0 "$P/kvol-mount" -o "root=$R" data "$R/link"
    unmounted "$outside"
    mounted "$R$outside"
}
mount_program_real() { #: [freebsd once] mount(8) itself starts the mount program.
    mount -t nullfs -o "rw,root=$R,mountprog=$P/kvol-mount" web "$R/www"
    mounted "$R/www"
    holds "$R/www/.htpasswd" secret
    umount "$R/www"
    kvol umount "$R"
}
