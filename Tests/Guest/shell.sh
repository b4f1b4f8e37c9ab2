#!/bin/sh
# The test machine for a person: its console here, the program under test in it, four disks that are gone afterwards.
set -eu
cd "$(dirname "$0")/../.."
image=$(sh Tests/Guest/image.sh)
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
KVOL_BIN=${KVOL_BIN:-$PWD/bin/kvol} sh Tests/Guest/boot.sh "$image" "$directory" shell
