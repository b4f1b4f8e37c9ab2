#!/bin/bash
# Cuts the power of a recorded disk while kvol makes a volume, many times, and
# looks at what is left of the volume each time.
#
# Needs root, and what setup.sh installs for the tests.
#
# usage: run.sh [OPTION] FS CUTS SEED
#   FS                ext4 or xfs
#   --stand-in        instead of kvol: staging, sync, rename, sync
#   --broken          instead of kvol: a copy into place, no sync
#   --broken-staging  instead of kvol: staging, rename, no sync
#   --broken-late     instead of kvol: staging, rename, sync
#   --broken-return   instead of kvol: staging, sync, rename
# The broken ones succeed if the bench catches them.
#
# KVOL_BIN     the kvol to test, bin/kvol of this tree by default
# SECONDS_MAX  when to give up (default 300)
# TEAR         size of the pieces an unflushed write can break into
#              (default 4096; 0: writes are whole or lost)
# KEEP_LOGS    directory that gets the logs and the list of cuts
set -u -o pipefail

here=$(cd "$(dirname "$0")" && pwd)
if [ "${POWERCUT_INSIDE:-}" != 1 ]; then
    # No mount gets out of the namespace; the loop devices are the trap's work.
    POWERCUT_INSIDE=1 exec timeout -k 30 "${SECONDS_MAX:-300}" \
        unshare -m --propagation private bash "$0" "$@"
fi

kind=kvol
case ${1:-} in
--broken) kind=naive ;;
--broken-staging) kind=staging ;;
--broken-late) kind=late ;;
--broken-return) kind=return ;;
--stand-in) kind=sound ;;
esac
[ $kind = kvol ] || shift
if [ $# -ne 3 ]; then
    sed -n '/^# usage/,/^# The broken/s/^# //p' "$0" >&2
    exit 2
fi
fs=$1 cuts=$2 seed=$3
tear=${TEAR:-4096}
kvol=${KVOL_BIN:-$here/../../bin/kvol}
if [ $kind != kvol ]; then
    kvol=$here/fake-kvol.sh
    export FAKE=$kind
fi
case $fs in
# 4096: the blocks a larger disk has, and room for long attributes.
ext4) mkfs=(mkfs.ext4 -q -F -b 4096) fsck=(e2fsck -f -n) ;;
xfs) mkfs=(mkfs.xfs -q -f) fsck=(xfs_repair -n) ;;
*) echo "powercut: no such file system: $fs" >&2; exit 2 ;;
esac
[ -x "$kvol" ] || { echo "powercut: not executable: $kvol" >&2; exit 2; }

. "$here/record.sh"
. "$here/check.sh"

work=$(mktemp -d) || exit 2
recorder='' loop='' noise=''
trap cleanup EXIT
trap 'exit 130' INT TERM HUP
mount -t tmpfs -o size=3G powercut "$work" || exit 2
mkdir "$work"/{fuse,live,cut,log,runs}

build || exit 2
bash "$here/make-source.sh" "$work/source" || exit 2
make_base || exit 2

total=0 unmade=0 complete=0 partial=0 failed=0

# Quiet: the journal commits only when kvol asks for it. Noisy: somebody else's
# fsync commits half of what kvol is doing, at any moment.
for mode in quiet noisy; do
    part=$((cuts / 2))
    [ $mode = quiet ] || part=$((cuts - cuts / 2))
    record $mode || exit 2
    echo "$fs $mode: records $(record_of start)..$(record_of end)," \
        "kvol returned at $(record_of return)," \
        "$(grep -c F "$work/log/$mode.list") flushes"
    pick $mode $part >"$work/log/$mode.cuts"
    while read -r k cut_seed keep; do
        one_cut $mode "$k" "$cut_seed" "$keep"
    done <"$work/log/$mode.cuts"
    if [ -n "${KEEP_LOGS:-}" ]; then
        mkdir -p "$KEEP_LOGS"
        cp "$work/log/$mode".* "$KEEP_LOGS"
    fi
done

[ $failed = 0 ] || echo "powercut $fs: $failed failed checks"
echo "powercut $fs: $total cuts, $unmade empty-or-absent, $complete complete, $partial partial"
if [ $kind = kvol ] || [ $kind = sound ]; then
    [ $total -gt 0 ] && [ $partial = 0 ] && [ $failed = 0 ]
else
    # What is only not durable yet at the return is whole or not there.
    caught=$partial
    [ $kind != return ] || caught=$failed
    if [ "$caught" = 0 ]; then
        echo "powercut $fs: $kind NOT caught"
        exit 1
    fi
    echo "powercut $fs: $kind caught"
fi
