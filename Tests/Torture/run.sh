#!/bin/sh
# The long run of the campaign: README.md. Its last lines are a table of figures.
set -eu
cd "$(dirname "$0")/../.."
export KVOL_TORTURE_ERRORS="${KVOL_TORTURE_ERRORS:-20000}" KVOL_TORTURE_KILLS="${KVOL_TORTURE_KILLS:-10000}"
export KVOL_TORTURE_SWAPS="${KVOL_TORTURE_SWAPS:-5000000}"
export KVOL_TORTURE_INPUTS="${KVOL_TORTURE_INPUTS:-100000}" KVOL_TORTURE_COMMANDS="${KVOL_TORTURE_COMMANDS:-10000}"
export KVOL_TORTURE_ZFS_ERRORS="${KVOL_TORTURE_ZFS_ERRORS:-500}" KVOL_TORTURE_ZFS_KILLS="${KVOL_TORTURE_ZFS_KILLS:-200}"
export KVOL_TORTURE_ZFS_CUTS="${KVOL_TORTURE_ZFS_CUTS:-40}" KVOL_TORTURE_ZFS_STREAMS="${KVOL_TORTURE_ZFS_STREAMS:-40}"
export KVOL_TORTURE_GROUP_KILLS="${KVOL_TORTURE_GROUP_KILLS:-500}" KVOL_TORTURE_ZFS_GROUP_KILLS="${KVOL_TORTURE_ZFS_GROUP_KILLS:-100}"
export KVOL_TORTURE_WAYS="${KVOL_TORTURE_WAYS:-10000}" KVOL_TORTURE_ZFS_WAYS="${KVOL_TORTURE_ZFS_WAYS:-100}"
export KVOL_TORTURE_ZFS_VOLUMES="${KVOL_TORTURE_ZFS_VOLUMES:-1000}"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export KVOL_TORTURE_FIGURES="$scratch/figures"
: >"$KVOL_TORTURE_FIGURES"
failed=0

part() { sh Tests/run.sh -showLiveOutput "$@" || failed=1; }

# Two halves at once: most of the time goes into starting processes, one after the other. The first part builds the tests.
part -class Kvol.Tests.Internals.DamagedRecords
export KVOL_TESTS_BUILT=1
image=${KVOL_GUEST_IMAGE-unset}
(
    export KVOL_GUEST_IMAGE=
    export KVOL_TORTURE_SHARES=2 KVOL_TORTURE_SHARE=1
    part -class Kvol.Tests.Torture.Faults -class Kvol.Tests.Torture.Groups
    part -method Kvol.Tests.WaysBack.Each_printed_way_back_brings_back_what_there_was_or_says_what_overtook_it
    part -class Kvol.Tests.Unit.DamagedInput -class Kvol.Tests.Unit.DamagedFiles
    [ ! -f Tests/Torture/DamagedArchives.cs ] || part -class Kvol.Tests.Torture.DamagedArchives
    exit $failed
) >"$scratch/log" 2>&1 &
other=$!
(
    export KVOL_GUEST_IMAGE=
    part -class Kvol.Tests.Torture.Swaps -class Kvol.Tests.Torture.Stress
    export KVOL_TORTURE_SHARES=2 KVOL_TORTURE_SHARE=0
    part -class Kvol.Tests.Torture.Faults
    part -method Kvol.Tests.WaysBack.Each_printed_way_back_brings_back_what_there_was_or_says_what_overtook_it
    exit $failed
) || failed=1
wait $other || failed=1
cat "$scratch/log"
if [ "$image" = unset ] || [ -n "$image" ]; then
    part -class Kvol.Tests.Zfs.FaultsOnDatasets
    part -class Kvol.Tests.Zfs.PowerCutsOnZfs -class Kvol.Tests.Zfs.StreamsGoOn -class Kvol.Tests.Zfs.VolumesAreDatasets
    part -class Kvol.Tests.Zfs.GroupsAtOneInstant -class Kvol.Tests.Zfs.WaysBackOnDatasets
fi

echo
echo "The campaign, seed ${KVOL_TORTURE_SEED:-4711}:"
awk -F '\t' '
    function grouped(n,   text) {
        for (text = ""; n >= 1000; n = int(n / 1000)) text = sprintf(",%03d%s", n % 1000, text)
        return n text
    }
    BEGIN {
        count = split("ChangedSource PartialVolume LostVolume Escape Crash Hang Litter Other", kinds, " ")
        split("changed sources,partial volumes,lost volumes,escapes,crashes,hangs,litter after gc,anything else", words, ",")
    }
    $1 == "0" { wrong[$2] += $3; next }
    $1 == "peak" { if ($3 > peak) peak = $3; next }
    { if (!(($1, $2) in sum)) order[++lines] = $1 SUBSEP $2; sum[$1, $2] += $3 }
    END {
        for (i = 1; i <= lines; i++) {
            split(order[i], key, SUBSEP)
            printf "  %-28s %12s %s\n", key[1], grouped(sum[key[1], key[2]]), key[2]
        }
        for (i = 1; i <= count; i++) printf "  %-28s %12s %s\n", "wrong", grouped(wrong[kinds[i]] + 0), words[i]
        printf "  %-28s %12s %s\n", "memory", grouped(peak), "KiB at most"
    }' "$KVOL_TORTURE_FIGURES"
[ "$failed" = 0 ]
