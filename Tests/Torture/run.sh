#!/bin/sh
# The long run of the campaign: README.md. Its figures are lines 'PART: NUMBER WHAT, ...; N wrong'.
set -eu
cd "$(dirname "$0")/../.."
export KVOL_TORTURE_ERRORS="${KVOL_TORTURE_ERRORS:-20000}" KVOL_TORTURE_KILLS="${KVOL_TORTURE_KILLS:-10000}" KVOL_TORTURE_INPUTS="${KVOL_TORTURE_INPUTS:-100000}"
# None of it runs in the test machine.
export KVOL_GUEST_IMAGE=
exec sh Tests/run.sh -class Kvol.Tests.Torture.Faults -class Kvol.Tests.Torture.DamagedArchives -class Kvol.Tests.Internals.DamagedInput -showLiveOutput
