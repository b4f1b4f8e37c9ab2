#!/bin/bash
# Runs in the test machine. Compares kvol export --format zfs and kvol import with zfs send and zfs receive, in alternation. Prints ratios
# of processor time (of the process and of the kernel threads that work for it) and of elapsed time: medians with their spread.
set -eu
kvol=${KVOL:-kvol} megabytes=${MEGABYTES:-1024}
. "$(dirname "$0")/compare.sh"
export KVOL_ROOT=bench/kvol KVOL_RUN=/tmp/bench/run KVOL_CONFIG=/tmp/bench/kvol.conf
mkdir -p /tmp/bench/run
: >$KVOL_CONFIG
zpool create -f bench "${DISK:-/dev/vda1}"
trap 'cd /; zpool destroy -f bench; rm -rf /tmp/bench' EXIT
"$kvol" init >/dev/null
"$kvol" create big >/dev/null
head -c "${megabytes}M" /dev/urandom >/bench/kvol/volumes/big/noise
"$kvol" snapshot big@s >/dev/null

file_ours() { "$kvol" export big@s --format zfs -o /tmp/bench/s; rm /tmp/bench/s; }
file_theirs() { zfs send -Lec bench/kvol/volumes/big@s >/tmp/bench/s; rm /tmp/bench/s; }
pipe_ours() { "$kvol" export big@s --format zfs | cat; }
pipe_theirs() { zfs send -Lec bench/kvol/volumes/big@s | cat; }
compare "send $megabytes MiB into a pipe: kvol / zfs" 1.1 time_of pipe_ours pipe_theirs
compare "send $megabytes MiB into a file: kvol / zfs" 1.1 time_of file_ours file_theirs
