#!/bin/bash
# Compares export and import of many small files with tar(1) and with podman volume export and import. Prints ratios of elapsed time and of
# processor time: medians of alternating pairs, with their spread. Everything is on a tmpfs of its own. Needs root.
set -eu
cd "$(dirname "$0")/.."
if [ -z "${KVOL_BENCH_INSIDE:-}" ]; then
    KVOL_BENCH_INSIDE=1 exec unshare --mount --propagation private bash bench/archive.sh
fi
kvol=${KVOL_BIN:-$PWD/bin/kvol} files=${FILES:-50000}
. bench/compare.sh
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
cleaned() { time_of "$1" && clean; }
tar_out && full_out && pod_out && kvol_out
compare "export / tar" "" time_of kvol_out tar_out
compare "export / tar that keeps as much" "" time_of kvol_out full_out
compare "export / podman volume export" "" time_of kvol_out pod_out
compare "import / tar" "" cleaned kvol_in tar_in
compare "import / tar that keeps as much" "" cleaned kvol_in full_in
compare "import / podman volume import" "" cleaned kvol_in pod_in
