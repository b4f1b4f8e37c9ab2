#!/bin/bash
# Makes one call of kvol fail, or kills kvol in its place, on a ZFS store. Runs in the test machine, in the environment of a ZfsBox ($S the store,
# $V its volumes, $R a root directory with something in /srv, $T a scratch directory), with faults.c built as $T/faults.so.
#
#   faults.sh calls SCENARIO    runs it without a fault, keeps what it leaves, and prints each call: its name, the errnos that fit it, its path
#   faults.sh try CASE...       SCENARIO:CALL:ERRNO each (ERRNO 0 kills); prints a line for each thing that is wrong: KIND, case, what
set -u -o pipefail
mounting=(mount "$R" v1:/srv v2:/new/deep:ro)
attaching=(attach www "$R" v1:/srv v2:/new/deep:ro)

# What is there before, and the command. 'whole' is set where an error must leave nothing of the command.
scenario() {
	made=() before=() whole=
	case $1 in
	create) run=(create v1 -l a=b) ;;
	mount-new) run=("${mounting[@]}") whole=1 ;;
	attach) run=("${attaching[@]}") whole=1 ;;
	seed) made=("create v1") run=(seed v1 "$R/srv") ;;
	*)
		made=("create v1" "seed v1 $R/srv")
		case $1 in
		mount-existing) run=("${mounting[@]}") whole=1 ;;
		umount) before=("${mounting[*]}") run=(umount "$R") ;;
		detach) before=("${attaching[*]}") run=(detach www) ;;
		rm) run=(rm v1) ;;
		rm-f) before=("${mounting[*]}") run=(rm -f v1) ;;
		rm-keep) run=(rm --keep 100000 v1) ;;
		gc) made+=("rm --keep 0 v1") run=(gc) ;;
		rename) run=(rename v1 v9) ;;
		clone) run=(clone v1 v9) ;;
		snapshot) run=(snapshot v1@s) ;;
		rollback) made+=("snapshot v1@s" "snapshot v1@s2") run=(rollback v1@s -r) ;;
		snapshot-group) made+=("create v2" "seed v2 $R/srv") run=(snapshot --name s v1 v2) ;;
		rollback-group)
			made+=("create v2" "seed v2 $R/srv" "attach www $R v1:/srv:ro v2:/new/deep:ro" "snapshot --jail www --name s" "detach www" "snapshot v1@s2")
			run=(rollback --jail www --to s -r)
			;;
		rm-snapshot) made+=("snapshot v1@s") run=(rm v1@s) ;;
		prune) run=(prune -y --all) ;;
		set) run=(set v1 label.a=b) ;;
		export) run=(export v1 -o "$T/out.tar") ;;
		ls) before=("${mounting[*]}") run=(ls) ;;
		esac
		;;
	esac
}

names() { zfs list -H -o name -t "$1" -r "$V" | sed -n "s|^$V/||p"; }

mounts() { awk -v r="$R/" 'index($5, r) == 1 { print $5 }' /proc/self/mountinfo; }

sums() {
	cd "$1" 2>/dev/null || return 1
	{ find . -path ./.zfs -prune -o ! -type d -printf '%P %y %m %U:%G %T@ %s %l\n' -o -printf '%P %y %m %U:%G\n' | sort; find . -path ./.zfs -prune -o -type f -print0 | sort -z | xargs -0 -r sha256sum; } | md5sum
}

# empty, complete, or what else a directory holds.
content() {
	if [ -z "$(ls -A "$1" 2>&1)" ]; then echo empty
	elif [ "$(sums "$1")" = "$source" ]; then echo complete
	else echo "partial: $(ls -A "$1" 2>&1 | head -n 4 | tr '\n' ' ')"; fi
}

# The contents of all volumes and snapshots; a name that is chosen by chance is N.
states() {
	local name
	for name in $(names filesystem); do
		grep -q " /$V/$name zfs " /proc/self/mounts || zfs mount "$V/$name" 2>/dev/null
		echo "$(echo "$name" | sed 's/[0-9a-f]\{8,\}/N/g') $(content "/$V/$name")"
	done
	for name in $(names snapshot); do echo "$name $(content "/$V/${name%@*}/.zfs/snapshot/${name#*@}")"; done
}

prepare() {
	local target name command
	for target in $(mounts | sort -r); do umount "$target"; done
	for name in $(names filesystem | sort -r); do zfs destroy -R "$V/$name" 2>/dev/null; done
	rm -rf --one-file-system "$KVOL_RUN" "$R" "$T/out.tar"
	mkdir "$KVOL_RUN" && cp -a "$T/jail" "$R"
	for command in ${made[@]+"${made[@]}"} ${before[@]+"${before[@]}"}; do
		$KVOL $command >/dev/null 2>"$T/err" || { echo "Other	$one	cannot prepare: $command: $(cat "$T/err")"; return 1; }
	done
}

wrong() { printf '%s\t%s\t%s (exit %s %s)\n' "$1" "$one" "$2" "$rc" "$(tr '\n\t' '  ' <"$T/err" | head -c 300)"; }

litter() { (cd "$T" && find run/roots run/mountpoints run/staging -mindepth 1 2>/dev/null; cd "/$V" && find . -maxdepth 2 -name '.kvol-*'; cd "$T" && ls -d .??* 2>/dev/null); }

try() {
	local at error mounted told= again line
	IFS=: read -r name at error <<<"$1"
	one=$1 rc=0
	scenario "$name"
	prepare || return
	mounted=$(mounts)
	{ LD_PRELOAD=$T/faults.so KVOL_FAULT_AT=$at KVOL_FAULT_ERRNO=$error timeout -s KILL 240 $KVOL "${run[@]}" >/dev/null 2>"$T/err"; } 2>/dev/null # bash tells of a kill
	rc=$?
	case $rc in
	0 | 1 | 64 | 65 | 66 | 69 | 71 | 73 | 75 | 77 | 78) [ $rc = 0 ] || [ -s "$T/err" ] || wrong Other "an error without a word" ;;
	137) [ "$error" = 0 ] || wrong Hang "ended after 240 s" ;;
	*) wrong Crash crash ;;
	esac
	! grep -q Unhandled "$T/err" || wrong Crash crash
	# What a file system cannot hold is told, and the rest goes on.
	case $error in 1 | 7 | 22 | 34 | 36 | 61 | 95) [ $rc != 0 ] || [ ! -s "$T/err" ] || told=1 ;; esac
	if [ "$error" != 0 ] && [ $rc != 0 ] && [ -n "$whole" ] && [ "$(mounts)" != "$mounted" ]; then wrong Litter "a mount is left after an error"; fi
	states >"$T/now"
	grep ' partial' "$T/now" >"$T/partial"
	[ -n "$told" ] || while read -r line; do
		$KVOL inspect "${line%% *}" 2>/dev/null | grep -q '"state": *"seeding"' || wrong PartialVolume "$line"
	done <"$T/partial" # the machine has no /dev/fd
	$KVOL "${run[@]}" >/dev/null 2>"$T/again"
	again=$?
	[ $again = 0 ] || [ $again = "$(cat "$T/again.$name")" ] || wrong Other "the next command does not heal: exit $again $(head -n 1 "$T/again")"
	for line in "umount $R" gc "ls -q"; do $KVOL $line >/dev/null 2>"$T/again" || wrong Other "$line fails afterwards: $(head -n 1 "$T/again")"; done
	[ -z "$(mounts)" ] || wrong Litter "mounts are left: $(mounts | tr '\n' ' ')"
	[ "$(sums "$R")" = "$jail" ] || wrong ChangedSource "the root directory was changed"
	states >"$T/now"
	if [ -z "$told" ] && ! diff "$T/end.$name" "$T/now" >"$T/diff"; then
		if [ "$(wc -l <"$T/now")" -lt "$(wc -l <"$T/end.$name")" ]; then wrong LostVolume "$(tr '\n' ' ' <"$T/diff")"; else wrong Other "healed to others: $(tr '\n' ' ' <"$T/diff")"; fi
	fi
	[ -z "$(litter)" ] || wrong Litter "litter after gc: $(litter | head -n 4 | tr '\n' ' ')"
}

[ -d "$T/jail" ] || cp -a "$R" "$T/jail"
source=$(sums "$T/jail/srv")
verb=$1
shift
if [ "$verb" = calls ]; then
	one=$1 rc=0
	scenario "$1"
	prepare || exit 1
	rm -f "$T/log"
	LD_PRELOAD=$T/faults.so KVOL_FAULT_LOG=$T/log $KVOL "${run[@]}" >/dev/null || exit
	$KVOL "${run[@]}" >/dev/null 2>&1
	echo $? >"$T/again.$1"
	$KVOL umount "$R" >/dev/null && $KVOL gc >/dev/null && states >"$T/end.$1" && cat "$T/log"
else
	jail=$(sums "$T/jail")
	for one; do try "$one"; done
fi
