#!/bin/sh
# Compares kvol with what its users would pick instead, prints ratios and writes bench/RESULTS.md. Root. Arguments choose cases: see bench.py.
set -eu
cd "$(dirname "$0")/.."
missing=
for need in rsync:rsync podman:podman mkfs.xfs:xfsprogs mkfs.btrfs:btrfs-progs python3:python3 /usr/bin/time:time cc:gcc; do
    command -v "${need%%:*}" >/dev/null || missing="$missing ${need#*:}"
done
if [ -n "$missing" ]; then
    apt-get update -q >/dev/null
    DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing >/dev/null
fi
mkdir -p obj/bench
cc -O2 -Wall -Wextra -Werror -o obj/bench/limit bench/limit/limit.c -lpthread
dotnet build Tests -c Release -v q --nologo -o "$PWD/obj/tests" >obj/bench/tests.log 2>&1 || { cat obj/bench/tests.log; exit 1; }
ulimit -n "$(ulimit -H -n)"
PYTHONDONTWRITEBYTECODE=1 exec unshare --mount --propagation private python3 bench/bench.py "$@"
