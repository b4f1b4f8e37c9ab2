#!/bin/sh
# A seeded copy is exact. One seeding of a tree with everything in it, seen by every check through a second, read-only mount.
E=$fs/exact view=$fs/view kept=exact
begin_exact() {
    make_tree "$E/tree"
    mkdir "$view"
    # Shows the tree that the mount will cover.
    host_mount "$E" "$view"
    manifest "$view/tree" >"$scratch/exact.before"
    touch -a -d 2003-04-05T06:07:08 "$view/tree/times/old"
    atime "$view/tree/times/old" >"$scratch/exact.atime"
    kvol mount "$E" exact:/tree >"$scratch/exact.log" 2>&1
    mounted "$E/tree"
    atime "$E/tree/times/old" >"$scratch/exact.atime.after"
    : >"$E/seeded"
}
end_exact() {
    kvol umount -f "$E"
    umount "$view"
    umount_all "$E/"
    kvol rm -f exact
    if [ "$system" = Linux ]; then chattr -R -f -ia "$E"; else chflags -R 0 "$E"; fi
    table_has "$E/" || table_has "$view" || rm -rf "$E" "$view"
}
set_default_acl() {
    case $system.$place in
    FreeBSD.zfs*) setfacl -m u:1001:rwx:fd:allow "$1" ;;
    FreeBSD.*) setfacl -d -m u::rwx,g::rx,o::rx,m::rwx,u:1001:rwx "$1" ;;
    *) setfacl -d -m u:1001:rwx "$1" ;;
    esac
}
make_tree() { # DIRECTORY
    mkdir -p "$1/modes" "$1/owners" "$1/times" "$1/links/far" "$1/special" "$1/names" "$1/content" "$1/empty"
    mkdir -p "$1/attributes/dir" "$1/acls/dir" "$1/flags/dir"
    for m in 0000 0001 0070 0400 0644 0755 1644 2755 4755 6711 7777; do : >"$1/modes/$m"; chmod $m "$1/modes/$m"; done
    mkdir -m 1777 "$1/modes/sticky"
    : >"$1/owners/a"; : >"$1/owners/b"; : >"$1/owners/set-id"
    chown 1001:1002 "$1/owners/a"
    chown 65534:0 "$1/owners/b"
    chown 1003:1004 "$1/owners/set-id"
    chmod 6755 "$1/owners/set-id"
    : >"$1/times/old"
    : >"$1/times/nanoseconds"
    : >"$1/times/before-1970"
    touch -m -d 2001-02-03T04:05:06.123456789 "$1/times/nanoseconds"
    touch -d 1969-12-31T23:00:00 "$1/times/before-1970" || :
    echo linked >"$1/links/one"
    ln "$1/links/one" "$1/links/two"
    ln "$1/links/one" "$1/links/far/three"
    ln -s /absolute/nowhere "$1/links/absolute"
    ln -s ../../relative/nowhere "$1/links/relative"
    ln -s one "$1/links/to-file"
    ln -s far "$1/links/to-directory"
    ln -s "$(printf '%0500d' 0)" "$1/links/long"
    chown -h 1001:1002 "$1/links/absolute"
    touch -h -m -d 2002-03-04T05:06:07.987654321 "$1/links/absolute"
    [ "$system" = Linux ] || chmod -h 0750 "$1/links/relative"
    mkfifo -m 0640 "$1/special/fifo"
    chown 1001:1002 "$1/special/fifo"
    mknod "$1/special/char" c 1 3 2>/dev/null || :
    mknod "$1/special/block" b 7 99 2>/dev/null || :
    case $system in
    FreeBSD)
        if program nc >/dev/null; then
            nc -lU "$1/special/socket" >/dev/null 2>&1 &
            eventually test -S "$1/special/socket"
            kill $!
        fi
        ;;
    *) python3 -c 'import socket,sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$1/special/socket" 2>/dev/null || : ;;
    esac
    : >"$1/names/with blank"; : >"$1/names/.hidden"; : >"$1/names/...three"; : >"$1/names/-dash"; : >"$1/names/a:b"
    : >"$1/names/line${nl}break"; : >"$1/names/star*?[x]"; : >"$1/names/back\\slash"; : >"$1/names/$(printf '%0255d' 0)"
    : >"$1/names/$(printf 'bytes\377\376\001')" 2>/dev/null || :
    dd if=/dev/urandom of="$1/content/random" bs=65536 count=33 2>/dev/null
    printf 'no newline' >"$1/content/short"
    : >"$1/content/nothing"
    sized 8388608 "$1/content/holes"
    printf middle | dd of="$1/content/holes" bs=1 seek=4194304 conv=notrunc 2>/dev/null
    sized 1048576 "$1/content/all-hole"
    deep=$1/deep
    for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30; do deep=$deep/directory$i; done
    mkdir -p "$deep"
    echo bottom >"$deep/file"
    for path in attributes/file attributes/dir acls/file acls/masked flags/nodump flags/immutable flags/dir/inner flags/append; do
        [ -d "$1/$path" ] || : >"$1/$path"
    done
    if set_attribute "$1/attributes/file" colour blue 2>/dev/null; then
        set_attribute "$1/attributes/file" empty ''
        set_attribute "$1/attributes/dir" colour green
        set_system_attribute "$1/attributes/file" kvoltest red 2>/dev/null || :
    fi
    if set_acl "$1/acls/file" 2>/dev/null; then
        set_default_acl "$1/acls/dir"
        set_acl "$1/acls/masked"
        chmod 640 "$1/acls/masked"
    fi
    make_flags "$1"
    touch -d 2010-01-01T00:00:00.5 "$1/empty" "$1/names"
    chown 80:81 "$1"
    chmod 2751 "$1"
    touch -d 2011-12-13T14:15:16.171819 "$1"
}
make_flags() { # DIRECTORY
    case $system in
    FreeBSD)
        chflags nodump "$1/flags/nodump"
        chflags schg "$1/flags/immutable"
        chflags sappnd "$1/flags/append"
        chflags sunlnk "$1/flags/dir"
        ln -s nowhere "$1/flags/link"
        chflags -h schg "$1/flags/link"
        ln -s nowhere "$1/toplink"
        chflags -h schg "$1/toplink"
        ;;
    *)
        chattr +d "$1/flags/nodump" 2>/dev/null || return 0
        chattr +i "$1/flags/immutable" 2>/dev/null || :
        chattr +a "$1/flags/append" 2>/dev/null || :
        ;;
    esac
}
# One field of entries, the same in the copy and in what it covers.
alike() { # COMMAND PATH...
    command=$1
    shift
    there "$E/seeded"
    for path; do
        there "$view/tree/$path"
        field=$($command "$view/tree/$path")
        differ "$field" ''
        same "$path $($command "$E/tree/$path")" "$path $field"
    done
}
exact_everything() { #: All that stat(2) tells of every entry is the same in the copy.
    there "$E/seeded"
    manifest "$E/tree" >"$scratch/exact.after"
    diff "$scratch/exact.before" "$scratch/exact.after"
    [ "$(wc -l <"$scratch/exact.after")" -gt 80 ]
}
exact_mtree() { #: [mtree] mtree(8) finds no difference in any of its keywords.
    there "$E/seeded"
    mtree -c -x -K flags,gid,link,mode,nlink,size,time,type,uid,sha256digest -p "$view/tree" >"$scratch/exact.mtree"
    mtree -x -f "$scratch/exact.mtree" -p "$E/tree"
}
exact_nothing_lost() { #: Nothing is reported as not kept, and inspect says so too.
    out=$(cat "$scratch/exact.log")
    says 'seeded with'
    lacks 'not kept'
    want 0 kvol inspect exact
    says '"not_kept": []' '"not_kept_count": 0'
}
exact_atime() { #: The time of the last access is kept.
    there "$E/seeded"
    same "$(cat "$scratch/exact.atime.after")" "$(cat "$scratch/exact.atime")"
}
exact_modes() { #: All twelve bits of modes are kept.
    alike mode modes/0000 modes/0001 modes/0070 modes/0400 modes/0644 modes/0755 modes/1644 modes/2755 modes/4755 modes/6711 modes/7777
    alike mode modes/sticky
    same "$(mode "$E/tree/modes/7777")" 7777
}
exact_owners() { #: Owners and groups are kept, with the set-id bits of other users.
    alike owner owners/a owners/b owners/set-id
    same "$(owner "$E/tree/owners/a")" 1001:1002
    same "$(owner "$E/tree/owners/set-id") $(mode "$E/tree/owners/set-id")" '1003:1004 6755'
}
exact_times() { #: Times of modification are kept to the nanosecond, those before 1970 too.
    alike mtime times/nanoseconds times/before-1970 empty names
    case $(mtime "$E/tree/times/nanoseconds") in *.123456789) ;; *) fail "no nanoseconds" ;; esac
}
exact_top() { #: The top directory has the owner, mode and times of what it covers.
    alike owner .
    alike mode .
    alike mtime .
    same "$(owner "$E/tree") $(mode "$E/tree")" '80:81 2751'
}
exact_hard_links() { #: Hard links are hard links again, across directories too.
    there "$E/seeded"
    same "$(inode "$E/tree/links/one")" "$(inode "$E/tree/links/two")"
    same "$(inode "$E/tree/links/one")" "$(inode "$E/tree/links/far/three")"
    holds "$E/tree/links/far/three" linked
}
exact_symlinks() { #: Symbolic links are kept verbatim, whatever they point to.
    alike readlink links/absolute links/relative links/to-file links/to-directory links/long
    same "$(readlink "$E/tree/links/absolute")" /absolute/nowhere
}
exact_symlink_fields() { #: Symbolic links keep their owner and time.
    alike owner links/absolute links/relative
    alike mtime links/absolute links/to-file
    same "$(owner "$E/tree/links/absolute")" 1001:1002
}
exact_symlink_modes() { #: [freebsd] Symbolic links keep their mode.
    alike mode links/absolute links/relative
    same "$(mode "$E/tree/links/relative")" 0750
}
exact_fifo() { #: A fifo is a fifo, with its owner and mode.
    alike mode special/fifo
    alike owner special/fifo
    [ -p "$E/tree/special/fifo" ] && same "$(mode "$E/tree/special/fifo")" 0640
}
exact_socket() { #: [socket] A socket is a socket.
    alike mode special/socket
    [ -S "$E/tree/special/socket" ]
}
exact_devices() { #: [devices] Devices keep their numbers.
    alike device special/char special/block
    [ -c "$E/tree/special/char" ] && [ -b "$E/tree/special/block" ]
}
exact_names() { #: Names are kept as bytes: blanks, line breaks, stars, 255 of them, and what is no text.
    there "$E/seeded" "$E/tree/names/with blank" "$E/tree/names/line${nl}break" "$E/tree/names/star*?[x]" "$E/tree/names/back\\slash"
    there "$E/tree/names/...three" "$E/tree/names/-dash" "$E/tree/names/a:b" "$E/tree/names/$(printf '%0255d' 0)" "$E/tree/names/.hidden"
    same "$(ls -A "$E/tree/names" | cksum)" "$(ls -A "$view/tree/names" | cksum)"
}
exact_content() { #: Content is the same, byte by byte.
    there "$E/seeded"
    for path in content/random content/short content/nothing content/holes; do cmp "$E/tree/$path" "$view/tree/$path"; done
}
exact_holes() { #: Holes stay holes.
    there "$E/seeded"
    # UFS gives the last block of a file to what truncate(1) makes, so the copy is compared with what it was made of.
    for path in content/holes content/all-hole; do
        copied=$(blocks "$E/tree/$path") original=$(blocks "$view/tree/$path")
        [ "$copied" -le $((original + 64)) ] || fail "$path: $copied blocks, and $original in the original"
        [ "$original" -lt 2048 ] || fail "$path: $original blocks: there are no holes to copy"
    done
    [ -s "$E/tree/content/all-hole" ]
}
exact_deep() { #: A tree that is thirty directories deep is copied to its bottom.
    there "$E/seeded"
    deep=$E/tree/deep
    for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30; do deep=$deep/directory$i; done
    holds "$deep/file" bottom
}
exact_attributes() { #: [attributes] Extended attributes are kept, of files and directories, empty ones too.
    there "$E/seeded"
    same "$(attribute "$E/tree/attributes/file" colour)" blue
    same "$(attribute "$E/tree/attributes/dir" colour)" green
    attribute "$E/tree/attributes/file" empty
}
exact_system_attributes() { #: [attributes] Extended attributes that only root sees are kept.
    there "$E/seeded"
    same "$(system_attribute "$E/tree/attributes/file" kvoltest)" "$(system_attribute "$view/tree/attributes/file" kvoltest)"
}
exact_attribute_list() { #: [attributes freebsd] lsextattr(8) lists the same names on both sides.
    alike list_attributes attributes/file attributes/dir
}
list_attributes() { lsextattr -q user "$1"; }
exact_acls() { #: [acl] ACLs are kept, with their mask.
    alike acl acls/file acls/masked
    case $(acl "$E/tree/acls/file") in *1001*) ;; *) fail "no entry for 1001" ;; esac
}
exact_inherited_acls() { #: [acl] What a directory's ACL hands on to new files is kept.
    alike acl acls/dir
    alike default_acl acls/dir
    case $(default_acl "$E/tree/acls/dir") in *1001*) ;; *) fail "no entry for 1001" ;; esac
}
exact_flags() { #: [chflags] File flags are kept: nodump, schg, sappnd, sunlnk.
    alike flags flags/nodump flags/immutable flags/append flags/dir
    case $(flags "$E/tree/flags/immutable") in *schg*) ;; *) fail "no schg" ;; esac
}
exact_link_flags() { #: [chflags] The flags of symbolic links are kept, in the top directory too.
    alike flags flags/link toplink
    case $(flags "$E/tree/toplink") in *schg*) ;; *) fail "no schg" ;; esac
}
exact_linux_flags() { #: [chattr] Flags of files are kept: no dump, immutable, append only.
    there "$E/seeded"
    for path in nodump immutable append; do
        copied=$(flags "$E/tree/flags/$path") original=$(flags "$view/tree/flags/$path")
        same "${copied%% *}" "${original%% *}"
    done
}
exact_source_untouched() { #: The tree that was copied is as it was before.
    there "$E/seeded"
    manifest "$view/tree" >"$scratch/exact.after"
    diff "$scratch/exact.before" "$scratch/exact.after"
}
