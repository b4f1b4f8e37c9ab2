#!/bin/bash
# Runs in the test machine: kvol against zfs(8) and a shell script, in turn, as ratios with median and spread. Each pair is one of kvol and
# one of the other, so that what disturbs the machine disturbs both.
set -eu
kvol=${KVOL:-kvol} pairs=${PAIRS:-7} volumes=${VOLUMES:-500} files=${FILES:-2000}
export KVOL_ROOT=bench/kvol KVOL_RUN=/tmp/bench/run KVOL_CONFIG=/tmp/bench/kvol.conf
mkdir -p /tmp/bench/run /tmp/bench/root
: >$KVOL_CONFIG
truncate -s 2G /tmp/bench/disk
zpool create bench /tmp/bench/disk
zfs create -o mountpoint=/tmp/bench/root bench/root
trap 'cd /; umount -R /tmp/bench/root 2>/dev/null; zpool destroy -f bench; rm -rf /tmp/bench' EXIT

# Seconds of processor time of a command and all its children; or elapsed seconds.
TIMEFORMAT='%U %S'
cpu() { { time "$@" >/dev/null; } 2>&1 | awk 'END { print $1 + $2 }'; }
elapsed() { local start=$EPOCHREALTIME; "$@" >/dev/null; awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { print b - a }'; }

# compare NAME GOAL MEASURE OURS THEIRS: each of the last two is a function of the number of the pair
compare() {
    local ratios=() i a b
    for ((i = 0; i < pairs; i++)); do
        a=$($3 "$4" $i) b=$($3 "$5" $i)
        ratios+=("$(awk -v a="$a" -v b="$b" 'BEGIN { printf "%.3f", a / b }')")
    done
    printf '%s\n' "${ratios[@]}" | sort -n | awk -v name="$1" -v goal="$2" '{ r[NR] = $1 } END { printf "%-64s %5.2f  (%.2f-%.2f)  goal %s\n", name, r[int((NR + 1) / 2)], r[1], r[NR], goal }'
}

create_ours() { "$kvol" create "c$1"; }
create_theirs() { zfs create "bench/kvol/volumes/z$1"; }
ls_ours() { "$kvol" ls; }
ls_theirs() { zfs list -H -o name,used,creation,mountpoint -r -d 1 bench/kvol/volumes; }
mount_ours() { "$kvol" mount /tmp/bench/root "m$1:/srv"; }
mount_theirs() {
    zfs create "bench/kvol/volumes/s$1"
    cp -a /tmp/bench/root/other/. "/bench/kvol/volumes/s$1/"
    mount --bind "/bench/kvol/volumes/s$1" /tmp/bench/root/other
}
first_mount_ours() { elapsed mount_ours "$2"; "$kvol" umount /tmp/bench/root; "$kvol" rm "m$2" >/dev/null; }
first_mount_theirs() { elapsed mount_theirs "$2"; umount /tmp/bench/root/other; zfs destroy "bench/kvol/volumes/s$2"; }
in_turn() { "$1" elapsed "$2"; }

"$kvol" init >/dev/null
mkdir /tmp/bench/root/srv
for ((i = 0; i < files; i++)); do
    ((i % 50)) || mkdir "/tmp/bench/root/srv/d$((i / 50))"
    printf 'file %d\n%*s' "$i" $((i % 4000)) x >"/tmp/bench/root/srv/d$((i / 50))/f$i"
done
cp -a /tmp/bench/root/srv /tmp/bench/root/other
zpool sync
compare 'create: CPU of kvol create / zfs create' '0.7' cpu create_ours create_theirs
compare "first mount of $files files: kvol mount / zfs create; cp -a; mount --bind" '0.6' in_turn first_mount_ours first_mount_theirs
seq -f v%g "$volumes" | xargs -n1 -P2 "$kvol" create >/dev/null
compare "list $volumes volumes: CPU of kvol ls / zfs list" '0.6' cpu ls_ours ls_theirs
zfs version | tr '\n' ' '
"$kvol" --version
