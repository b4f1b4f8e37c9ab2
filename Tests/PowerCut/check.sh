# Part of run.sh: one cut and what is left of the volume.

# Prints absent, empty, complete or partial.
state_of()
{
    local data=$1 differences
    if [ ! -e "$data" ] && [ ! -L "$data" ]; then
        echo absent
    elif [ -d "$data" ] && [ -z "$(ls -A "$data")" ]; then
        echo empty
    elif differences=$(rsync -naHAXX --delete --checksum --itemize-changes \
        "$work/source/" "$data/" 2>&1) && [ -z "$differences" ] &&
        diff -r --no-dereference -x pipe "$work/source" "$data" >/dev/null 2>&1; then
        echo complete
    else
        echo partial
        printf '%s\n' "$differences" | head -n 3 | sed 's/^/    /' >&2
    fi
}

bad()
{
    failed=$((failed + 1))
    echo "FAIL $label: $*"
}

one_cut()
{
    local mode=$1 k=$2 cut_seed=$3 keep=$4
    local image=$work/image volume=$work/cut/store/volumes/vol
    local lost state after='' rest
    local label="$fs $mode cut $k seed $cut_seed keep $keep%"

    total=$((total + 1))
    cp --sparse=always "$work/base" "$image"
    lost=$("$work/blockreplay" cut "$work/log/$mode.log" "$image" "$k" "$cut_seed" "$keep" "$tear")
    if ! mount -t "$fs" -o loop "$image" "$work/cut"; then
        bad "the file system does not mount ($lost)"
        return
    fi
    state=$(state_of "$volume/data")
    case $state in
    absent | empty) unmade=$((unmade + 1)) ;;
    complete) complete=$((complete + 1)) ;;
    *)
        partial=$((partial + 1))
        bad "partial volume ($lost)"
        ;;
    esac
    if [ "$k" -ge "$(record_of return)" ] && [ "$state" != complete ]; then
        bad "$state after kvol had returned ($lost)"
    fi

    # The next start after the cut has to repair it.
    if [ $kind = kvol ] || [ $kind = sound ]; then
        if ! run_kvol "$work/cut/store" "$work/runs/again"; then
            bad "kvol fails after the cut"
        else
            after=$(state_of "$volume/data")
            [ "$after" = complete ] || bad "$after after the next kvol"
            rest=$(ls -A "$volume" | grep -vxE 'data|volume\.json')
            [ -z "$rest" ] || bad "left over after the next kvol: $rest"
        fi
        unmount_below "$work/runs/again"
        rm -rf "${work:?}/runs/again"
    fi
    detach "$work/cut"
    # A damaged file system would say more about the bench than about kvol.
    "${fsck[@]}" "$image" >/dev/null 2>&1 || bad "the file system is damaged"
    rm -f "$image"
    echo "$label: $state${after:+, then $after} ($lost)"
}
