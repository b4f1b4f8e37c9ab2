#!/bin/bash
# Makes one call of kvol fail, or kills kvol in its place, on a ZFS store. Runs in the test machine, in the environment of a ZfsBox ($S the store,
# $V its volumes, $R a root directory with something in /srv, $T a scratch directory), with faults.c built as $T/faults.so.
#
#   faults.sh calls SCENARIO    runs it without a fault, keeps what it leaves, and prints each call: its name, the errnos that fit it, its path
#   faults.sh try CASE...       SCENARIO:CALL:ERRNO each (ERRNO 0 kills); prints a line for each thing that is wrong: KIND, case, what
set -u -o pipefail
shopt -s nullglob dotglob
pax=(--format=posix --pax-option=exthdr.name=%d/%f,delete=atime,delete=ctime --xattrs --xattrs-include='*' --numeric-owner --sort=name --exclude=.zfs)
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

mounts() {
	local at rest
	while read -r _ _ _ _ at rest; do case $at in "$R"/*) echo "$at" ;; esac; done </proc/self/mountinfo
}

# All that a tree holds, in one process because each costs much in the machine; not the time of its top, where mount points come and go.
sums() { (cd "$1" 2>/dev/null && tar "${pax[@]}" -cf - -- * | md5sum); }

# empty, complete, or what else a directory holds.
content() {
	local entries=("$1"/*)
	if [ ${#entries[@]} = 0 ]; then echo empty
	elif [ "$(sums "$1")" = "$source" ]; then echo complete
	else echo "partial: ${entries[*]##*/}"; fi
}

# The contents of all volumes and snapshots; a name that is chosen by chance is N.
states() {
	local name shown mounted=$(</proc/self/mounts)
	for name in $(zfs list -H -o name -t filesystem,snapshot -r "$V"); do
		shown=${name#"$V/"}
		[[ ! $shown =~ [0-9a-f]{8,} ]] || shown=${shown/${BASH_REMATCH[0]}/N}
		case $name in
		"$V"/*@*) echo "$shown $(content "/${name%@*}/.zfs/snapshot/${name#*@}")" ;;
		"$V"/*)
			[[ $mounted == *" /$name zfs "* ]] || zfs mount "$name" 2>/dev/null
			echo "$shown $(content "/$name")"
			;;
		esac
	done
}

prepare() {
	local target name command
	for target in $(mounts | sort -r); do umount "$target"; done
	for name in $(zfs list -H -o name -S name -t filesystem -r "$V"); do [ "$name" = "$V" ] || zfs destroy -R "$name" 2>/dev/null; done
	rm -rf --one-file-system "$KVOL_RUN" "$R" "$T/out.tar"
	mkdir "$KVOL_RUN" && cp -a "$T/jail" "$R"
	for command in ${made[@]+"${made[@]}"} ${before[@]+"${before[@]}"}; do
		$KVOL $command >/dev/null 2>"$T/err" || { echo "Other	$one	cannot prepare: $command: $(cat "$T/err")"; return 1; }
	done
}

wrong() { printf '%s\t%s\t%s (exit %s %s)\n' "$1" "$one" "$2" "$rc" "$(tr '\n\t' '  ' <"$T/err" | head -c 300)"; }

litter() {
	local found=("$T"/run/{roots,mountpoints,staging}/* "/$V"/.kvol-* "/$V"/*/.kvol-* "$T"/.??*)
	echo "${found[*]:0:4}"
}

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
	[[ $(<"$T/err") != *Unhandled* ]] || wrong Crash crash
	# What a file system cannot hold is told, and the rest goes on.
	case $error in 1 | 7 | 22 | 34 | 36 | 61 | 95) [ $rc != 0 ] || [ ! -s "$T/err" ] || told=1 ;; esac
	if [ "$error" != 0 ] && [ $rc != 0 ] && [ -n "$whole" ] && [ "$(mounts)" != "$mounted" ]; then wrong Litter "a mount is left after an error"; fi
	if [ -z "$told" ]; then
		states >"$T/now"
		while read -r line; do
			[[ $line != *' partial'* ]] || $KVOL inspect "${line%% *}" 2>/dev/null | grep -q '"state": *"seeding"' || wrong PartialVolume "$line"
		done <"$T/now" # the machine has no /dev/fd
	fi
	$KVOL "${run[@]}" >/dev/null 2>"$T/again"
	again=$?
	[ $again = 0 ] || [ $again = "$(<"$T/again.$name")" ] || wrong Other "the next command does not heal: exit $again $(head -n 1 "$T/again")"
	for line in "umount $R" gc "ls -q"; do $KVOL $line >/dev/null 2>"$T/again" || wrong Other "$line fails afterwards: $(head -n 1 "$T/again")"; done
	[ -z "$(mounts)" ] || wrong Litter "mounts are left: $(mounts | tr '\n' ' ')"
	[ "$(sums "$R")" = "$jail" ] || wrong ChangedSource "the root directory was changed"
	states >"$T/now"
	if [ -z "$told" ] && [ "$(<"$T/end.$name")" != "$(<"$T/now")" ]; then
		diff "$T/end.$name" "$T/now" >"$T/diff"
		if [ "$(wc -l <"$T/now")" -lt "$(wc -l <"$T/end.$name")" ]; then wrong LostVolume "$(tr '\n' ' ' <"$T/diff")"; else wrong Other "healed to others: $(tr '\n' ' ' <"$T/diff")"; fi
	fi
	[ -z "$(litter)" ] || wrong Litter "litter after gc: $(litter)"
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
	$KVOL umount "$R" >/dev/null && $KVOL gc >/dev/null && states >"$T/end.$1" && ! grep partial "$T/end.$1" && cat "$T/log"
else
	jail=$(sums "$T/jail")
	for one; do try "$one"; done
fi
