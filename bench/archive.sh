#!/bin/bash
# Prints how export and import of many small files compare with tar(1) and with podman volume export and import, as ratios of elapsed and of processor
# time, medians of pairs run in turn, with their spread. Everything lies on a tmpfs of its own. Root.
set -eu
cd "$(dirname "$0")/.."
if [ -z "${KVOL_BENCH_INSIDE:-}" ]; then
    KVOL_BENCH_INSIDE=1 exec unshare --mount --propagation private bash bench/archive.sh
fi
kvol=${KVOL_BIN:-$PWD/bin/kvol} pairs=${PAIRS:-7} files=${FILES:-50000}
sh setup.sh bench
top=$(mktemp -d)
mount -t tmpfs -o size=6g tmpfs "$top"
mount -t tmpfs tmpfs /dev/shm # podman's locks of earlier runs would run out
trap 'cd /; umount -l "$top"; rmdir "$top"' EXIT
export KVOL_ROOT="$top/store" KVOL_RUN="$top/run" KVOL_CONFIG="$top/conf" TMPDIR="$top"
: >"$KVOL_CONFIG"
"$kvol" create small >/dev/null
data=$top/store/volumes/small/data
for ((d = 0; d < files / 100; d++)); do
    mkdir "$data/d$d"
    for ((f = 0; f < 100; f++)); do echo "file $f of directory $d, a line of text" >"$data/d$d/f$f"; done
done
pod() { podman --root "$top/pod" --runroot "$top/podrun" --storage-driver vfs "$@"; }
pod volume create small >/dev/null
cp -a "$data/." "$(pod volume inspect --format '{{.Mountpoint}}' small)/"

TIMEFORMAT='%R %U %S'
# time_of COMMAND...: elapsed seconds, and those of the processors
time_of() { { time "$@" >/dev/null; } 2>&1 | awk 'END { printf "%.3f %.3f\n", $1, $2 + $3 }'; }

# compare NAME OURS THEIRS [AFTER]: AFTER puts things back after each
compare() {
    local i a b ratios=()
    for ((i = 0; i < pairs; i++)); do
        a=$(time_of "$2") && ${4:-true} && b=$(time_of "$3") && ${4:-true}
        ratios+=("$a $b")
    done
    printf '%s\n' "${ratios[@]}" | awk -v name="$1" '
        function sort(v, n, i, j, t) { for (i = 2; i <= n; i++) for (j = i; j > 1 && v[j - 1] > v[j]; j--) { t = v[j]; v[j] = v[j - 1]; v[j - 1] = t } }
        { e[NR] = $1 / $3; c[NR] = $2 / $4 }
        END { sort(e, NR); sort(c, NR); m = int((NR + 1) / 2)
            printf "%-46s elapsed %.2f (%.2f-%.2f)   processor %.2f (%.2f-%.2f)\n", name, e[m], e[1], e[NR], c[m], c[1], c[NR] }'
}

kvol_out() { "$kvol" export small -o "$top/kvol.tar"; }
kvol_in() { "$kvol" import copy "$top/kvol.tar"; }
tar_out() { tar -cf "$top/plain.tar" -C "$data" .; }
tar_in() { mkdir "$top/in" && tar -xpf "$top/plain.tar" -C "$top/in"; }
full_out() { tar --numeric-owner --format=pax --xattrs --xattrs-include='*' --acls -cf "$top/full.tar" -C "$data" .; }
full_in() { mkdir "$top/in" && tar --numeric-owner --xattrs --xattrs-include='*' --acls -xpf "$top/full.tar" -C "$top/in"; }
pod_out() { pod volume export small -o "$top/pod.tar"; }
pod_in() { pod volume create copy >/dev/null && pod volume import copy "$top/pod.tar"; }
clean() {
    ! [ -e "$top/store/volumes/copy" ] || "$kvol" rm copy >/dev/null
    rm -rf "$top/in"
    ! [ -e "$top/pod/volumes/copy" ] || pod volume rm copy >/dev/null
}
tar_out && full_out && pod_out && kvol_out
compare "export / tar" kvol_out tar_out
compare "export / tar that keeps as much" kvol_out full_out
compare "export / podman volume export" kvol_out pod_out
compare "import / tar" kvol_in tar_in clean
compare "import / tar that keeps as much" kvol_in full_in clean
compare "import / podman volume import" kvol_in pod_in clean
