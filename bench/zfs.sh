#!/bin/bash
# Runs in the test machine. Compares kvol with zfs(8) and a shell script, in alternation, as ratios with median and spread. Each pair is one
# run of kvol and one of the other command, so that a disturbance of the machine affects both.
set -eu
kvol=${KVOL:-kvol} volumes=${VOLUMES:-500} files=${FILES:-2000} members=${MEMBERS:-100}
. "$(dirname "$0")/compare.sh"
export KVOL_ROOT=bench/kvol KVOL_RUN=/tmp/bench/run KVOL_CONFIG=/tmp/bench/kvol.conf
mkdir -p /tmp/bench/run /tmp/bench/root
: >$KVOL_CONFIG
truncate -s 2G /tmp/bench/disk
zpool create bench /tmp/bench/disk
zfs create -o mountpoint=/tmp/bench/root bench/root
trap 'cd /; umount -R /tmp/bench/root 2>/dev/null; zpool destroy -f bench; rm -rf /tmp/bench' EXIT

create_ours() { "$kvol" create "c$1"; }
create_theirs() { zfs create "bench/kvol/volumes/z$1"; }
ls_ours() { "$kvol" ls; }
ls_theirs() { zfs list -H -o name,used,creation,mountpoint -r -d 1 bench/kvol/volumes; }
due_ours() { "$kvol" snapshot --due; }
due_theirs() { zfs list -H -t snapshot; }
group_ours() { "$kvol" snapshot --jail bench --name "g$1"; }
group_theirs() { zfs snapshot "bench/kvol/volumes/v1@z$1"; }
all_ours() { "$kvol" snapshot --jail bench --name "a$1"; }
all_theirs() { seq -f "bench/kvol/volumes/v%g@b$1" "$members" | xargs zfs snapshot; }
all_ours_undo() { zfs destroy -r "bench/kvol/volumes@a$1"; }
all_theirs_undo() { zfs destroy -r "bench/kvol/volumes@b$1"; }
mount_ours() { "$kvol" mount /tmp/bench/root "m$1:/srv"; }
mount_theirs() {
    zfs create "bench/kvol/volumes/s$1"
    cp -a /tmp/bench/root/other/. "/bench/kvol/volumes/s$1/"
    mount --bind "/bench/kvol/volumes/s$1" /tmp/bench/root/other
}
mount_ours_undo() { "$kvol" umount /tmp/bench/root && "$kvol" rm "m$1"; }
mount_theirs_undo() { umount /tmp/bench/root/other && zfs destroy "bench/kvol/volumes/s$1"; }

"$kvol" init >/dev/null
mkdir /tmp/bench/root/srv
for ((i = 0; i < files; i++)); do
    ((i % 50)) || mkdir "/tmp/bench/root/srv/d$((i / 50))"
    printf 'file %d\n%*s' "$i" $((i % 4000)) x >"/tmp/bench/root/srv/d$((i / 50))/f$i"
done
cp -a /tmp/bench/root/srv /tmp/bench/root/other
zpool sync
compare 'create: kvol create / zfs create' 'processor 0.7' time_of create_ours create_theirs
compare "first mount of $files files: kvol mount / zfs create; cp -a; mount --bind" 'elapsed 0.6' undoing mount_ours mount_theirs
seq -f v%g "$volumes" | xargs -n1 -P2 "$kvol" create >/dev/null
compare "list $volumes volumes: kvol ls / zfs list" 'processor 0.6' time_of ls_ours ls_theirs
# The volumes of one jail at one instant.
mkdir /tmp/bench/jail
seq "$members" | sed "s|.*|v&:/&:ro,nocopy|" | xargs "$kvol" attach bench /tmp/bench/jail >/dev/null
compare "snapshot of a jail with $members volumes: kvol snapshot --jail / zfs snapshot of one" 'elapsed 1.5' time_of group_ours group_theirs
compare "the same: kvol snapshot --jail / zfs snapshot of all $members" 'elapsed 1' undoing all_ours all_theirs
for group in $(zfs list -H -t snapshot -o name -r bench/kvol/volumes/v1 | sed -n 's/.*@\(g[0-9]*\)$/\1/p'); do
    txgs=$(seq -f "bench/kvol/volumes/v%g@$group" "$members" | xargs zfs get -H -p -o value createtxg)
    echo "snapshots of group $group: $(echo "$txgs" | wc -l), createtxg: $(echo "$txgs" | sort -u | tr '\n' ' ')"
    [ "$(echo "$txgs" | sort -u | wc -l)" = 1 ]
    zfs destroy -r "bench/kvol/volumes@$group"
done
"$kvol" detach bench >/dev/null
# Each volume has a policy of which nothing is due.
now=$(date -u +%Y-%m-%d-%H%MZ)
for period in yearly monthly; do
    zfs snapshot -r -o kvol:policy=$period "bench/kvol/volumes@kvol-$period-$now"
done
echo 'snapshots = monthly:2,yearly:2' >$KVOL_CONFIG
[ -z "$("$kvol" snapshot --due -n)" ]
compare "nothing due in $volumes volumes: kvol snapshot --due / zfs list -t snapshot" 'elapsed 2' time_of due_ours due_theirs
zfs version | tr '\n' ' '
"$kvol" --version
