# Sourced by run.sh: what the tests see of FreeBSD's side of kvol, on Linux, with the stand-in for its libc.
if ! sh Tests/FreeBSD/standin/build.sh "$PWD/obj/standin"; then
    echo "kvol-tests: the stand-in for FreeBSD's libc does not build" >&2
    failed=$((failed + 1))
fi
STANDIN_STATE=$scratch/standin
mkdir "$STANDIN_STATE"
KVOL_TEST_OS=FreeBSD
KVOL_BIN=${KVOL_FREEBSD_BIN:-$PWD/bin/kvol-freebsd}
LD_LIBRARY_PATH=$PWD/obj/standin
export STANDIN_STATE KVOL_TEST_OS KVOL_BIN LD_LIBRARY_PATH
