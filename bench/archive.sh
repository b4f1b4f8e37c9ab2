#!/bin/sh
# Prints how long export and import of 50,000 small files take, as ratios to tar(1), which keeps as much (--xattrs --acls, pax). Rounds alternate.
set -eu
cd "$(dirname "$0")/.."
kvol=${KVOL_BIN:-$PWD/bin/kvol}
rounds=${ROUNDS:-5}
top=$(mktemp -d "${BENCH_DIR:-/tmp}/kvol-bench.XXXXXX")
trap 'rm -rf "$top"' EXIT
export KVOL_ROOT="$top/store" KVOL_RUN="$top/run" KVOL_CONFIG=/dev/null
"$kvol" create small >/dev/null
(
    cd "$top/store/volumes/small/data"
    for d in $(seq 1 500); do
        mkdir "d$d"
        for f in $(seq 1 100); do echo "file $f of directory $d, a line of text" >"d$d/f$f"; done
    done
)
now() { date +%s%N; }
elapsed() { # what, command: the milliseconds go into $top/what
    what=$1
    shift
    start=$(now)
    "$@"
    echo $((($(now) - start) / 1000000)) >>"$top/$what"
}
tar_out() { tar --numeric-owner --format=pax --xattrs --xattrs-include='*' --acls -cf "$top/tar.tar" -C "$top/store/volumes/small/data" .; }
tar_plain_out() { tar -cf "$top/plain.tar" -C "$top/store/volumes/small/data" .; }
kvol_out() { "$kvol" export small -o "$top/kvol.tar"; }
tar_in() { mkdir "$top/in" && tar --numeric-owner --xattrs --xattrs-include='*' --acls -xpf "$top/tar.tar" -C "$top/in" && sync -f "$top/in"; }
kvol_in() { "$kvol" import copy "$top/kvol.tar"; }
for round in $(seq 1 "$rounds"); do
    elapsed tar-export tar_out
    elapsed kvol-export kvol_out
    elapsed plain-export tar_plain_out
    elapsed tar-import tar_in
    rm -rf "$top/in"
    sync -f "$top"
    elapsed kvol-import kvol_in
    "$kvol" rm copy >/dev/null
    sync -f "$top"
done
median() { sort -n "$top/$1" | awk '{ a[NR] = $1 } END { print a[int((NR + 1) / 2)] }'; }
ratio() { awk "BEGIN { printf \"%s %.2f (%d ms / %d ms)\\n\", \"$1\", $(median "$2") / $(median "$3"), $(median "$2"), $(median "$3") }"; }
ratio "export, against tar that keeps as much:" kvol-export tar-export
ratio "export, against plain tar:             " kvol-export plain-export
ratio "import, against tar and sync:          " kvol-import tar-import
