#!/bin/sh
# Builds both systems' code, not into native programs, and runs Tests/Unit for each, as any user. The last line is the count.
cd "$(dirname "$0")/.." || exit 1
export KVOL_TORTURE_INPUTS="${KVOL_TORTURE_INPUTS:-300}"
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT

# What the tests of a system find on another one is its parsers; what calls the kernel is Linux's.
quick() {
    if ! dotnet build Tests/Unit -c Release -v quiet --nologo -p:KvolOS="$1" -p:RunAnalyzers=false >"$scratch/$1" 2>&1; then
        cat "$scratch/$1"
        return 1
    fi
    set -- "$1" "Tests/Unit/obj/$1-${KvolFramework:-net10.0}/out/Release/${KvolFramework:-net10.0}/kvol-unit-tests" -noColor -noLogo
    [ "$1" = Linux ] || set -- "$@" -trait- System=Linux
    shift
    "$@"
}

for os in Linux FreeBSD; do
    { quick $os; echo "ended $?"; } >"$scratch/$os.out" 2>&1 &
done
wait
passed=0 failed=0
for os in Linux FreeBSD; do
    sed '/^ended /d' "$scratch/$os.out"
    summary=$(grep 'Total: ' "$scratch/$os.out" | tail -n 1)
    field() { echo "$summary" | sed -n "s/.*$1: \([0-9]*\).*/\1/p"; }
    total=$(field Total) bad=$(field Failed)
    bad=$((${bad:-0} + 0$(field Errors)))
    # What was not built, or died, has not shown anything.
    [ "${total:-0}" != 0 ] && { [ "$bad" != 0 ] || grep -q '^ended 0$' "$scratch/$os.out"; } || bad=$((bad + 1))
    passed=$((passed + ${total:-bad} - bad)) failed=$((failed + bad))
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
