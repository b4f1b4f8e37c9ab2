#!/bin/sh
# Nothing inside a root directory or a volume leads out of it.
link_absolute() { #: An absolute link in the way is resolved below the root directory.
    mkdir "$outside"
    ln -s "$outside" "$R/etc/link"
    kvol mount -q "$R" one:/etc/link/here
    gone "$outside/here"
    mounted "$R$outside/here"
}
link_relative() { #: A link of many '..' ends at the root directory.
    mkdir "$outside"
    ln -s "../../../../../../../../../../../..$outside" "$R/etc/link"
    kvol mount -q "$R" one:/etc/link/here
    gone "$outside/here"
    mounted "$R$outside/here"
}
link_last() { #: A link as the last component is followed inside the root directory alone.
    mkdir -p "$outside" "$R$outside"
    ln -s "$outside" "$R/etc/link"
    kvol mount -q "$R" one:/etc/link
    unmounted "$outside"
    mounted "$R$outside"
    rmdir "$R/etc/link" 2>/dev/null || :
    there "$R/etc/link"
}
link_chain() { #: A chain of links through directories stays inside.
    mkdir "$R/a" "$R/b"
    ln -s ../b "$R/a/one"
    ln -s /a/../a/one/../.. "$R/b/two"
    kvol mount -q "$R" one:/a/one/two/mnt
    mounted "$R/mnt"
}
link_loop() { #: A loop of links is refused, and nothing is made.
    ln -s two "$R/one"
    ln -s one "$R/two"
    want 73 kvol mount "$R" data:/one/mnt
    says links
    volumes_are
}
link_dangling() { #: A dangling link as a destination leads to a directory inside.
    ln -s /nowhere/at/all "$R/link"
    kvol mount -q "$R" data:/link
    mounted "$R/nowhere/at/all"
    gone /nowhere
    kvol umount "$R"
    gone "$R/nowhere"
    there "$R/link"
}
link_of_file() { #: A single file is not mounted through a link that leads out.
    mkdir "$outside"
    write "$outside/victim" victim
    write "$outside/file" host
    ln -s "$outside/victim" "$R/etc/victim"
    kvol mount -q "$R" "$outside/file:/etc/victim" || :
    holds "$outside/victim" victim
    unmounted "$outside/victim"
    kvol umount "$R"
    want 0 kvol mount -q "$R" "$outside/file:/etc/plain"
    mounted "$R/etc/plain"
}
link_in_subpath() { #: A link inside a volume does not lead a subpath out of it.
    mkdir "$outside"
    write "$outside/file" secret
    kvol create data
    ln -s "$outside" "$(data data)/link"
    ln -s ../../../../../../../../../.. "$(data data)/up"
    want 66 kvol mount "$R" data:/mnt:subpath=link,nocreate
    want 66 kvol mount "$R" "data:/mnt:subpath=up$outside"
    unmounted "$R/mnt"
    mkdir -p "$(data data)$outside"
    kvol mount -q "$R" data:/mnt:subpath=link
    gone "$R/mnt/file"
    mounted "$R/mnt"
}
fifo_in_the_way() { #: A fifo, a socket or a device in the way is refused and never opened.
    mkfifo "$R/fifo"
    want 73 kvol mount "$R" data:/fifo/mnt
    want 73 kvol mount "$R" data:/fifo
    volumes_are
}
link_as_volume_content() { #: Links in a covered directory are copied, not followed.
    mkdir "$outside" "$R/tree"
    write "$outside/secret" secret
    ln -s "$outside" "$R/tree/directory"
    ln -s "$outside/secret" "$R/tree/file"
    kvol mount -q "$R" data:/tree
    mounted "$R/tree"
    same "$(readlink "$R/tree/directory")" "$outside"
    same "$(readlink "$R/tree/file")" "$outside/secret"
    gone "$(data data)/secret"
}
root_is_link() { #: The root directory itself is the administrator's, and may be a link.
    ln -s www "$jails/alias"
    kvol mount -q "$jails/alias" data:/mnt
    mounted "$R/mnt"
    kvol umount "$jails/alias"
    unmounted "$R/mnt"
}
root_is_no_directory() { #: A root directory that is missing, a file or / is refused.
    want 66 kvol mount "$jails/nothing" data:/mnt
    want 66 kvol mount "$R/etc/hosts" data:/mnt
    volumes_are
}
# Swaps $R/swap between a directory and a link to $outside until the file is gone.
swapper() {
    while [ -e "$scratch/swapping" ]; do
        mv "$R/swap" "$R/swap.away"
        ln -s "$outside" "$R/swap"
        rm "$R/swap"
        mv "$R/swap.away" "$R/swap"
    done 2>/dev/null
}
swapped_directory() { #: While a component is swapped for a link, no mount is ever made outside.
    mkdir -p "$outside" "$R/swap"
    : >"$scratch/swapping"
    swapper &
    hold $!
    done_once=0
    for i in 1 2 3 4 5 6 7 8; do
        if kvol mount -q "$R" data:/swap/in; then done_once=1; fi
        count_mounts " on $outside"
        [ "$count" = 0 ] || fail "mounted outside"
        kvol umount "$R" || :
    done
    rm "$scratch/swapping"
    wait "${holders##* }" || :
    gone "$outside/in"
    count_mounts " on $R/swap"
    [ "$count" = 0 ] || kvol umount "$R"
    kvol mount -q "$R" data:/swap/in
    mounted "$R/swap/in"
}
swapped_file() { #: While the place of a single file is swapped for a link, the file outside stays untouched.
    mkdir -p "$outside" "$R/swap"
    write "$outside/file" host
    write "$outside/target" victim
    : >"$scratch/swapping"
    swapper &
    hold $!
    for i in 1 2 3 4 5 6; do
        kvol mount -q "$R" "$outside/file:/swap/target" || :
        holds "$outside/target" victim
        unmounted "$outside/target"
        kvol umount -q "$R" || :
    done
    rm "$scratch/swapping"
    wait "${holders##* }" || :
    kvol umount -q "$R" || :
    kvol mount -q "$R" "$outside/file:/etc/plain"
    mounted "$R/etc/plain"
}
swapped_source() { #: While directories of the source are swapped for links, nothing from outside gets into the copy.
    mkdir -p "$outside"
    write "$outside/secret" secret
    forest "$R/tree" 20
    mkdir "$R/tree/swap"
    : >"$scratch/swapping"
    (R=$R/tree && swapper) &
    hold $!
    for i in 1 2 3 4; do
        kvol create "v$i"
        kvol seed -q "v$i" "$R/tree" || :
        for copied in "$(data "v$i")"/swap "$(data "v$i")"/swap.away; do [ -L "$copied" ] || gone "$copied/secret"; done
    done
    rm "$scratch/swapping"
    wait "${holders##* }" || :
    kvol create after
    kvol seed -q after "$R/tree"
    there "$(data after)/d1/f1"
}
