#!/bin/sh
# Builds and runs every test, as root, in a mount namespace of its own. The last line is the count.
cd "$(dirname "$0")/.." || exit 1
if [ "$(id -u)" != 0 ]; then
    echo "kvol-tests: these tests mount file systems: run them as root" >&2
    echo "0 passed, 1 failed"
    exit 1
fi
KVOL_BIN=${KVOL_BIN:-$PWD/bin/kvol}
export KVOL_BIN
if [ ! -x "$KVOL_BIN" ]; then
    echo "kvol-tests: $KVOL_BIN: not there: run make first" >&2
    echo "0 passed, 1 failed"
    exit 1
fi
out=${KVOL_TESTS_OUT:-$PWD/obj/tests}
mkdir -p "$(dirname "$out")"
if ! dotnet build Tests -c Release -v q -o "$out" >"$out.log" 2>&1; then
    mkdir -p "$out" && cat "$out.log"
    echo "0 passed, 1 failed"
    exit 1
fi
# The test machine with OpenZFS. Without its image every test that needs it fails and says so.
KVOL_GUEST_IMAGE=$(sh Tests/Guest/image.sh) || echo "kvol-tests: the test machine's image was not built" >&2
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
log=$scratch/log
KVOL_GUEST_DIR=$scratch/guest
# The whole suite needs the machine, so it boots while the first tests run; a part of the suite boots it when it asks for it.
[ $# -gt 0 ] || KVOL_GUEST_EARLY=1
export KVOL_GUEST_IMAGE KVOL_GUEST_DIR KVOL_GUEST_EARLY=${KVOL_GUEST_EARLY-}
# A process namespace too: kvol looks into every mount namespace under /proc, and other processes here are not its business.
unshare --mount --propagation private --pid --fork --mount-proc "$out/kvol-tests" -noColor -noLogo -parallel none "$@" >"$log" 2>&1
status=$?
cat "$log"
summary=$(grep -E 'Total: [0-9]+, Errors: ' "$log" | tail -n 1)
field() { echo "$summary" | sed -n "s/.*$1: \([0-9]*\).*/\1/p"; }
total=$(field Total) errors=$(field Errors) failed=$(field Failed) skipped=$(field Skipped)
if [ -z "$total" ]; then
    echo "0 passed, 1 failed"
    exit 1
fi
if [ "$skipped" -gt 0 ]; then
    echo "Skipped:"
    grep -A 1 ' \[SKIP\]$' "$log" | grep -v '^--$'
fi
failed=$((failed + errors))
passed=$((total - failed - skipped))
# A runner that died, or that found nothing to run, has not shown anything.
if [ "$failed" = 0 ] && { [ "$status" != 0 ] || [ "$passed" = 0 ]; }; then
    failed=1
fi
if [ "$skipped" -gt 0 ]; then
    echo "$passed passed, $failed failed, $skipped skipped"
else
    echo "$passed passed, $failed failed"
fi
[ "$failed" = 0 ]
