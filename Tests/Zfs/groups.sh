#!/bin/bash
# Runs in the test machine, in the environment of a ZfsBox, with faults.c built as $T/faults.so: kills kvol at random calls while it takes a
# group of snapshots or rolls one back, and prints for each kill what there was then: none, all, or 'part' with the reason.
#
#   groups.sh KILLS SEED
set -u
RANDOM=$2
volumes=(db log web)

run() { LD_PRELOAD=$T/faults.so "$@" 2>>"$T/err"; }
calls() { rm -f "$T/log" && KVOL_FAULT_LOG=$T/log run $KVOL "$@" >/dev/null && wc -l <"$T/log"; }
killed() { { KVOL_FAULT_AT=$at KVOL_FAULT_ERRNO=0 run $KVOL "$@" >/dev/null; } 2>/dev/null; } # bash tells of a kill
# Most calls prepare and check. The changes that matter are among the last, so every second kill is there.
call() { at=$((RANDOM % 2 ? 1 + RANDOM % $1 : $1 - RANDOM % ($1 / 8))); }
count() { zfs list -H -t snapshot -o name -r "$V" | grep -c "@$1\$"; }
fill() { for v in "${volumes[@]}"; do echo "$1" >"/$V/$v/f"; done; }

for v in "${volumes[@]}"; do $KVOL create "$v" >/dev/null || exit; done
fill old
$KVOL snapshot --name old "${volumes[@]}" >/dev/null || exit
group=$(zfs get -H -o value kvol:group "$V/web@old")
takes=$(calls snapshot --name s "${volumes[@]}") || exit
zfs destroy -r "$V@s"
rollbacks=$(calls rollback --group "$group") || exit
[ "$takes" -gt 10 ] && [ "$rollbacks" -gt 10 ] || { echo "the injector saw nothing: it needs the native executable of build.sh"; exit 1; }
for ((n = $1; n > 0; n--)); do
	if ((n % 2)); then
		fill new
		zfs snapshot "$V/web@newer"
		call "$rollbacks"
		killed rollback -r --group "$group"
		$KVOL gc >/dev/null
		zfs mount -a
		now=$(cat "/$V"/*/f | sort -u | tr '\n' ' ')
		case "$now$(count newer)" in
		"new 1") echo "none rolled back" ;;
		"old 0") echo "all rolled back" ;;
		*) echo "part: rollback killed at call $at of $rollbacks: $now, newer: $(count newer)" ;;
		esac
		zfs destroy "$V/web@newer" 2>/dev/null
	else
		call "$takes"
		killed snapshot --name s "${volumes[@]}"
		case $(count s) in
		0) echo "none taken" ;;
		3)
			[ "$(zfs get -H -p -o value createtxg "$V"/{db,log,web}@s | sort -u | wc -l)" = 1 ] && echo "all taken" ||
				echo "part: snapshot killed at call $at of $takes: more than one createtxg"
			;;
		*) echo "part: snapshot killed at call $at of $takes: $(count s) of 3" ;;
		esac
		zfs destroy -r "$V@s" 2>/dev/null
	fi
done
exit 0
