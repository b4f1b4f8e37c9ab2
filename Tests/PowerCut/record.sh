# Part of run.sh: the recorded disk and the choice of the cuts.

cleanup()
{
    # timeout(1) signals twice.
    trap '' INT TERM HUP
    [ -z "$noise" ] || { touch "$work/noise-stop"; wait "$noise" 2>/dev/null; }
    unmount_below "$work/runs"
    detach "$work/cut"
    stop_disk
    detach "$work"
    rmdir "$work"
}

# What was just killed may hold a mount for a moment.
detach()
{
    mountpoint -q "$1" || return 0
    for _ in $(seq 50); do
        umount "$1" 2>/dev/null && return 0
        sleep 0.1
    done
    umount -l "$1"
}

build()
{
    # Word splitting of the flags is wanted.
    # shellcheck disable=SC2046
    "${CC:-cc}" -O2 -Wall -Wextra -o "$work/blocklog" "$here/blocklog.c" \
        $(pkg-config --cflags --libs fuse3) &&
        "${CC:-cc}" -O2 -Wall -Wextra -o "$work/blockreplay" "$here/blockreplay.c"
}

# Undoes whatever kvol mounted below a directory, the newest first.
unmount_below()
{
    awk -v p="$1/" 'index($5, p) == 1 { print $5 }' /proc/self/mountinfo | tac |
        while read -r point; do
            detach "$point"
        done
}

start_disk()
{
    # It outlives the signal that ends the script: the file system is on it.
    (trap '' INT TERM HUP && exec "$work/blocklog" "$1" "$2" "$work/fuse") &
    recorder=$!
    for _ in $(seq 100); do
        [ -e "$work/fuse/disk" ] && break
        sleep 0.05
    done
    loop=$(losetup --find --show --direct-io=on "$work/fuse/disk") || return 1
    # With the page cache of the loop in between, the log would not be the truth.
    if [ "$(cat "/sys/block/${loop#/dev/}/loop/dio")" != 1 ] ||
        [ "$(cat "/sys/block/${loop#/dev/}/queue/write_cache")" != "write back" ]; then
        echo "powercut: $loop hides writes or flushes" >&2
        return 1
    fi
}

stop_disk()
{
    detach "$work/live"
    [ -z "$loop" ] || losetup -d "$loop"
    loop=
    detach "$work/fuse"
    [ -z "$recorder" ] || wait "$recorder"
    recorder=
}

# An empty file system, cleanly unmounted: where every log starts.
make_base()
{
    truncate -s 300M "$work/base"
    start_disk "$work/base" "$work/log/base.log" &&
        "${mkfs[@]}" "$loop" >/dev/null &&
        mount -t "$fs" "$loop" "$work/live" &&
        mkdir "$work/live/store" "$work/live/noise" || return 1

    # The whole bench rests on fsync reaching the log.
    local before after
    before=$(flushes)
    echo x >"$work/live/noise/file"
    sync "$work/live/noise/file"
    after=$(flushes)
    stop_disk
    if [ "$after" -le "$before" ]; then
        echo "powercut: fsync does not reach the log" >&2
        return 1
    fi
}

flushes()
{
    "$work/blockreplay" list "$work/log/base.log" | grep -c F
}

make_noise()
{
    local i=0
    until [ -e "$work/noise-stop" ]; do
        echo $((i++)) >"$work/live/noise/file"
        sync "$work/live/noise/file"
        sleep "0.00$((RANDOM % 10))"
    done
}

note()
{
    stat -c %s "$work/log/$mode.log" >"$work/log/$mode.$1"
}

# The number of the last record that was whole at a noted time.
record_of()
{
    awk -v size="$(cat "$work/log/$mode.$1")" '$2 <= size { n = $1 } END { print n + 0 }' \
        "$work/log/$mode.list"
}

run_kvol()
{
    local store=$1 run=$2
    mkdir -p "$run/root" "$run/run"
    : >"$run/kvol.conf"
    cp -a "$work/source" "$run/root/data"
    KVOL_RUN=$run/run KVOL_CONFIG=$run/kvol.conf KVOL_ROOT='' LC_ALL=C \
        timeout 60 "$kvol" --root "$store" mount "$run/root" vol:/data
}

# Leaves LOG, its list and the positions start, return and end in log/$mode.*
record()
{
    local status
    mode=$1
    cp --sparse=always "$work/base" "$work/disk"
    start_disk "$work/disk" "$work/log/$mode.log" &&
        mount -t "$fs" "$loop" "$work/live" || return 1
    sync -f "$work/live"
    note start
    rm -f "$work/noise-stop"
    if [ "$mode" = noisy ]; then
        make_noise &
        noise=$!
    fi
    run_kvol "$work/live/store" "$work/runs/$mode"
    status=$?
    note return
    # What comes later must not hurt the volume either.
    if [ "$mode" = quiet ]; then
        make_noise &
        noise=$!
    fi
    sleep 0.4
    note end
    touch "$work/noise-stop"
    wait "$noise"
    noise=
    unmount_below "$work/runs/$mode"
    stop_disk
    rm -rf "$work/disk" "${work:?}/runs/$mode"
    "$work/blockreplay" list "$work/log/$mode.log" >"$work/log/$mode.list"
    [ $status = 0 ] || { echo "powercut: the command failed: $status" >&2; return 1; }
}

# Prints "K SEED KEEP" for each cut: the return itself and the end with all
# that can be lost, then by turns any record, and the one before or after a
# flush, with preference for the flushes around the return.
pick()
{
    awk -v n="$2" -v seed="$seed$1" -v s="$(record_of start)" -v r="$(record_of return)" \
        -v e="$(record_of end)" '
    function any(m) { return int(rand() * m) }
    function emit(k) {
        keep = any(5)
        print k, any(1000000000), (keep == 0 ? 0 : keep == 1 ? 100 : keep == 2 ? 90 : 50)
    }
    BEGIN {
        for (i = 1; i <= length(seed); i++)
            h = (h * 31 + index("0123456789quietnosy", substr(seed, i, 1))) % 1000003
        srand(h)
    }
    $3 == "F" && $1 > s && $1 <= e { flush[nf++] = $1; if ($1 <= r) last = nf - 1 }
    END {
        if (n > 0) print r, 1, 0
        if (n > 1) print e, 1, 0
        for (i = 2; i < n; i++) {
            turn = i % 4
            if (nf == 0 || turn == 0) { emit(s + any(e - s + 1)); continue }
            # The rename is among the last few flushes before the return.
            f = turn == 1 ? any(nf) : last - any(6) + 1
            if (f < 0) f = 0
            if (f >= nf) f = nf - 1
            emit(any(2) ? flush[f] : flush[f] - 1)
        }
    }' "$work/log/$1.list"
}
