#!/bin/sh
# Builds and runs every test, as root, in a mount namespace of its own. Arguments choose tests. The last line of the output is the count;
# the lines before it say again what failed, with the reasons.
# With KVOL_TEST_TIMES=1, the slowest classes are listed before it.
cd "$(dirname "$0")/.." || exit 1
# The suite's own tools need Linux. FreeBSD's acceptance test needs only sh(1); it also runs on Linux, as a part of the suite.
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
if [ "${KVOL_TESTS_BUILT-}" != 1 ] && ! dotnet build Tests -c Release -v q -p:RunAnalyzers=false -o "$out" >"$out.log" 2>&1; then
    mkdir -p "$out" && cat "$out.log"
    echo "0 passed, 1 failed"
    exit 1
fi
# The test machine with OpenZFS. Without its image, every test that needs it fails with a message.
[ -n "${KVOL_GUEST_IMAGE+set}" ] || KVOL_GUEST_IMAGE=$(sh Tests/Guest/image.sh) ||
    echo "kvol-tests: the test machine's image was not built" >&2
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
KVOL_GUEST_DIR=$scratch/guest
export KVOL_GUEST_IMAGE KVOL_GUEST_DIR
passed=0 failed=0 skipped=0

# PART ARGUMENT...: runs the tests that the arguments choose. Writes their output to $scratch/PART and their result to $scratch/PART.status.
run_tests() {
    part=$1
    shift
    # A process namespace too: kvol examines every mount namespace under /proc, and must not see those of this host's other processes.
    unshare --mount --propagation private --pid --fork --mount-proc "$out/kvol-tests" -noColor -noLogo -parallel none \
        -xml "$scratch/$part.xml" "$@" >"$scratch/$part" 2>&1
    echo $? >"$scratch/$part.status"
}

field() { echo "$summary" | sed -n "s/.*$1: \([0-9]*\).*/\1/p"; }

# Prints the result of a part that has ended, and adds it to the count.
count() {
    cat "$scratch/$1"
    summary=$(grep -E 'Total: [0-9]+, Errors: ' "$scratch/$1" | tail -n 1)
    if [ -z "$(field Total)" ]; then
        failed=$((failed + 1))
        return
    fi
    if [ "$(field Skipped)" -gt 0 ]; then
        echo "Skipped:"
        grep -A 1 ' \[SKIP\]$' "$scratch/$1" | grep -v '^--$'
    fi
    bad=$(($(field Failed) + $(field Errors)))
    good=$(($(field Total) - bad - $(field Skipped)))
    # A runner that died or found no tests has proved nothing.
    if [ "$bad" = 0 ] && { [ "$(cat "$scratch/$1.status")" != 0 ] || [ "$good" = 0 ]; }; then
        bad=1
    fi
    passed=$((passed + good)) failed=$((failed + bad)) skipped=$((skipped + $(field Skipped)))
}

# The seconds of each class in each part, the slowest ten; what ran in different parts at the same time counts twice.
slowest() {
    echo "The slowest classes, in seconds:"
    for xml in "$scratch"/*.xml; do
        part=$(basename "$xml" .xml)
        tr '>' '\n' <"$xml" | sed -n "s/.*<test .* time=\"\([^\"]*\)\".* type=\"\([^\"]*\)\".*/$part \2 \1/p"
    done | awk '
        { sum[$1 " " $2] += $3; sum[$1 " all"] += $3 }
        END { for (c in sum) printf "%8.1f %s\n", sum[c], c }' | sort -rn | head -n 13
}

# The failures again, each part's below its name: a log of three thousand tests is often cut to its end.
failures() {
    for part in quick host twin machine chosen; do
        ! grep -q ' \[FAIL\]$' "$scratch/$part" 2>/dev/null || {
            echo "Failed in $part:"
            awk '/ \[(FAIL|SKIP)\]$/ { print_it = / \[FAIL\]$/; lines = 0 } /^ *(Stack Trace|Output):$/ { print_it = 0 } print_it && lines++ < 40' \
                "$scratch/$part" | grep -v '^===\|^  Finished\|^  Discover'
        }
    done
}

# FreeBSD's side of kvol: Tests/FreeBSD/README.md.
run_twin() {
    . Tests/FreeBSD/environment.sh
    run_tests twin -trait- Needs=Machine -namespace- Kvol.Tests.Unit -trait- System=Linux "$@"
    count twin
}

if [ "${KVOL_TEST_OS-}" = FreeBSD ]; then
    run_twin "$@"
elif [ $# -gt 0 ]; then
    run_tests chosen -trait- System=FreeBSD "$@"
    count chosen
else
    # The emulated machine is slow and shares nothing with this host, so the other parts run concurrently.
    run_tests machine -trait- System=FreeBSD -trait Needs=Machine &
    machine=$!
    KVOL_TORTURE_INPUTS=${KVOL_TORTURE_INPUTS:-1500} sh Tests/quick.sh >"$scratch/quick" 2>&1
    sed '$d' "$scratch/quick"
    passed=$(sed -n '$s/ passed.*//p' "$scratch/quick") failed=$(sed -n '$s/.* passed, \([0-9]*\) failed/\1/p' "$scratch/quick")
    run_tests host -trait- System=FreeBSD -trait- Needs=Machine -namespace- Kvol.Tests.Unit
    count host
    run_twin
    wait "$machine"
    count machine
fi
[ -z "${KVOL_TEST_TIMES-}" ] || slowest
[ "$failed" = 0 ] || failures
if [ "$skipped" -gt 0 ]; then
    echo "$passed passed, $failed failed, $skipped skipped"
else
    echo "$passed passed, $failed failed"
fi
[ "$failed" = 0 ]
