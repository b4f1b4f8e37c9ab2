#!/bin/sh
# Builds and runs every test, as root, in a mount namespace of its own. The last line is the count.
cd "$(dirname "$0")/.." || exit 1
# The suite's own tools are Linux's. FreeBSD's acceptance test needs sh(1) alone; it runs on Linux too, as a part of the suite.
[ "$(uname -s)" != FreeBSD ] || exec sh Tests/Port/acceptance.sh
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
if [ "${KVOL_TESTS_BUILT-}" != 1 ] && ! dotnet build Tests -c Release -v q -o "$out" >"$out.log" 2>&1; then
    mkdir -p "$out" && cat "$out.log"
    echo "0 passed, 1 failed"
    exit 1
fi
# The test machine with OpenZFS. Without its image every test that needs it fails and says so.
[ -n "${KVOL_GUEST_IMAGE+set}" ] || KVOL_GUEST_IMAGE=$(sh Tests/Guest/image.sh) || echo "kvol-tests: the test machine's image was not built" >&2
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
log=$scratch/log
KVOL_GUEST_DIR=$scratch/guest
# The whole suite needs the machine, so it boots while the first tests run; a part of the suite boots it when it asks for it.
[ $# -gt 0 ] || KVOL_GUEST_EARLY=1
export KVOL_GUEST_IMAGE KVOL_GUEST_DIR KVOL_GUEST_EARLY=${KVOL_GUEST_EARLY-}
passed=0 failed=0 skipped=0

# Runs the tests with what the arguments choose of them, and counts.
run_tests() {
    # A process namespace too: kvol looks into every mount namespace under /proc, and other processes here are not its business.
    unshare --mount --propagation private --pid --fork --mount-proc "$out/kvol-tests" -noColor -noLogo -parallel none "$@" >"$log" 2>&1
    status=$?
    cat "$log"
    summary=$(grep -E 'Total: [0-9]+, Errors: ' "$log" | tail -n 1)
    if [ -z "$(field Total)" ]; then
        failed=$((failed + 1))
        return
    fi
    if [ "$(field Skipped)" -gt 0 ]; then
        echo "Skipped:"
        grep -A 1 ' \[SKIP\]$' "$log" | grep -v '^--$'
    fi
    bad=$(($(field Failed) + $(field Errors)))
    good=$(($(field Total) - bad - $(field Skipped)))
    # A runner that died, or that found nothing to run, has not shown anything.
    if [ "$bad" = 0 ] && { [ "$status" != 0 ] || [ "$good" = 0 ]; }; then
        bad=1
    fi
    passed=$((passed + good)) failed=$((failed + bad)) skipped=$((skipped + $(field Skipped)))
}

field() { echo "$summary" | sed -n "s/.*$1: \([0-9]*\).*/\1/p"; }

if [ "${KVOL_TEST_OS-}" != FreeBSD ]; then
    run_tests -trait- System=FreeBSD "$@"
fi
# The same tests with FreeBSD's side of kvol: Tests/FreeBSD/README.md.
if [ "${KVOL_TEST_OS-}" = FreeBSD ] || [ $# = 0 ]; then
    . Tests/FreeBSD/environment.sh
    run_tests -namespace- Kvol.Tests.Zfs -trait- System=Linux "$@"
fi
if [ "$skipped" -gt 0 ]; then
    echo "$passed passed, $failed failed, $skipped skipped"
else
    echo "$passed passed, $failed failed"
fi
[ "$failed" = 0 ]
