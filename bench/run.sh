#!/bin/sh
# Prints kvol's size, memory and start-up, and how seeding compares with cp -a, as medians of ratios of commands run in turn. Root.
set -eu
cd "$(dirname "$0")/.."
if [ -z "${KVOL_BENCH_INSIDE:-}" ]; then
    KVOL_BENCH_INSIDE=1 exec unshare --mount --propagation private sh bench/run.sh
fi
kvol=$PWD/bin/kvol pairs=${PAIRS:-7} files=${FILES:-50000}
scratch=$(mktemp -d)
mount -t tmpfs -o size=6g tmpfs "$scratch"
trap 'cd /; umount -l "$scratch"; rmdir "$scratch"' EXIT
export KVOL_ROOT="$scratch/store" KVOL_RUN="$scratch/run" KVOL_CONFIG="$scratch/conf"
: >"$KVOL_CONFIG"
now() { date +%s%N; }
median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

echo "executable: $(stat -c %s "$kvol") bytes"
"$kvol" init >/dev/null
echo "peak memory of 'kvol ls': $(/usr/bin/time -f '%M KiB' "$kvol" ls -q 2>&1 || echo 'not measured: install time(1)')"

i=0
while [ $i -lt 101 ]; do
    a=$(now); "$kvol" ls -q; b=$(now); /bin/true; c=$(now)
    echo $(((b - a) * 1000 / (c - b)))
    i=$((i + 1))
done | median | awk '{ printf "start-up, kvol ls -q / /bin/true: %.2f\n", $1 / 1000 }'

mkdir -p "$scratch/jail/data"
i=0
head -c 8192 /dev/urandom >"$scratch/block"
while [ $i -lt 500 ]; do
    mkdir "$scratch/jail/data/$i"
    split -a 4 -b $((8192 / (files / 500))) "$scratch/block" "$scratch/jail/data/$i/f"
    i=$((i + 1))
done
echo "seeding $(find "$scratch/jail/data" -type f | wc -l) files on tmpfs, whole first mount, $pairs pairs:"
i=0
while [ $i -lt "$pairs" ]; do
    a=$(now); "$kvol" mount "$scratch/jail" bench:/data; b=$(now)
    "$kvol" umount "$scratch/jail"
    c=$(now); cp -a "$scratch/jail/data" "$scratch/copy"; d=$(now)
    if [ $i = 0 ]; then
        diff -r "$scratch/jail/data" "$KVOL_ROOT/volumes/bench/data" || { echo "bench: the copy differs" >&2; exit 1; }
    fi
    "$kvol" rm bench >/dev/null
    rm -rf "$scratch/copy"
    echo $(((b - a) * 1000 / (d - c)))
    i=$((i + 1))
done >"$scratch/ratios"
median <"$scratch/ratios" | awk '{ printf "kvol mount / cp -a: median %.2f", $1 / 1000 }'
sort -n "$scratch/ratios" | awk 'NR == 1 { l = $1 } { h = $1 } END { printf " (%.2f to %.2f)\n", l / 1000, h / 1000 }'
