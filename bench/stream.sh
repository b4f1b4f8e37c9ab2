#!/bin/bash
# Runs in the test machine: kvol export --format zfs and kvol import against zfs send and zfs receive, in turn, as ratios of processor time (of the process and
# of the kernel's threads for it) and of elapsed time, medians with their spread.
set -eu
kvol=${KVOL:-kvol} pairs=${PAIRS:-7} megabytes=${MEGABYTES:-1024}
export KVOL_ROOT=bench/kvol KVOL_RUN=/tmp/bench/run KVOL_CONFIG=/tmp/bench/kvol.conf
mkdir -p /tmp/bench/run
: >$KVOL_CONFIG
zpool create -f bench "${DISK:-/dev/vda1}"
trap 'cd /; zpool destroy -f bench; rm -rf /tmp/bench' EXIT
"$kvol" init >/dev/null
"$kvol" create big >/dev/null
head -c "${megabytes}M" /dev/urandom >/bench/kvol/volumes/big/noise
"$kvol" snapshot big@s >/dev/null

TIMEFORMAT='%R %U %S'
time_of() { { time "$@" >/dev/null; } 2>&1 | awk 'END { print $1, $2 + $3 }'; }
compare() { # NAME OURS THEIRS
    local i
    for ((i = 0; i < pairs; i++)); do
        echo "$(time_of "$2") $(time_of "$3")"
    done | awk -v name="$1" '
        function order(v, n, i, j, t) { for (i = 2; i <= n; i++) for (j = i; j > 1 && v[j - 1] > v[j]; j--) { t = v[j]; v[j] = v[j - 1]; v[j - 1] = t } }
        { e[NR] = $1 / $3; c[NR] = $2 / $4 }
        END { order(e, NR); order(c, NR); m = int((NR + 1) / 2)
            printf "%-40s elapsed %.2f (%.2f-%.2f)   processor %.2f (%.2f-%.2f)  goal 1.1\n", name, e[m], e[1], e[NR], c[m], c[1], c[NR] }'
}
file_ours() { "$kvol" export big@s --format zfs -o /tmp/bench/s; rm /tmp/bench/s; }
file_theirs() { zfs send -Lec bench/kvol/volumes/big@s >/tmp/bench/s; rm /tmp/bench/s; }
pipe_ours() { "$kvol" export big@s --format zfs | cat; }
pipe_theirs() { zfs send -Lec bench/kvol/volumes/big@s | cat; }
compare "send $megabytes MiB into a pipe: kvol / zfs" pipe_ours pipe_theirs
compare "send $megabytes MiB into a file: kvol / zfs" file_ours file_theirs
