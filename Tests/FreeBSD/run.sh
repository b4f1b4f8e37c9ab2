#!/bin/sh
# The acceptance tests with FreeBSD's side of kvol, on Linux, against the stand-in for its libc.
cd "$(dirname "$0")/../.." || exit 1
state=$(mktemp -d) || exit 1
trap 'rm -rf "$state"' EXIT
if ! sh Tests/FreeBSD/standin/build.sh "$PWD/obj/standin"; then
    echo "kvol-tests: the stand-in for FreeBSD's libc does not build" >&2
    echo "0 passed, 1 failed"
    exit 1
fi
export KVOL_BIN="${KVOL_FREEBSD_BIN:-$PWD/bin/kvol-freebsd}" KVOL_TEST_OS=FreeBSD STANDIN_STATE="$state"
export LD_LIBRARY_PATH="$PWD/obj/standin${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
sh Tests/run.sh "$@"
