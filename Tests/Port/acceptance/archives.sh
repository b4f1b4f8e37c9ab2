#!/bin/sh
# export and import, with kvol and with tar(1).
A=$fs/archived kept=archived
begin_archives() {
    mkdir -p "$A/tree/sub/deep" "$A/tree/closed"
    echo one >"$A/tree/one"
    ln "$A/tree/one" "$A/tree/sub/two"
    ln -s ../nowhere "$A/tree/sub/link"
    mkfifo "$A/tree/fifo"
    echo .hidden >"$A/tree/.hidden"
    : >"$A/tree/with blank"
    : >"$A/tree/$(printf '%0180d' 0)"
    sized 4194304 "$A/tree/holes"
    printf end >>"$A/tree/holes"
    chown 1001:1002 "$A/tree/one" "$A/tree/closed"
    chown -h 1003:1004 "$A/tree/sub/link"
    : >"$A/tree/set-id"
    chmod 4755 "$A/tree/set-id"
    chmod 0700 "$A/tree/closed"
    : >"$A/tree/attributes"
    set_attribute "$A/tree/attributes" colour blue 2>/dev/null || :
    : >"$A/tree/acl"
    set_acl "$A/tree/acl" 2>/dev/null || :
    if [ "$system" = FreeBSD ]; then
        : >"$A/tree/flagged"
        chflags nodump "$A/tree/flagged"
        chmod -h 0750 "$A/tree/sub/link"
        ln -s nowhere "$A/tree/sub/flagged"
        chflags -h nodump "$A/tree/sub/flagged"
    fi
    touch -h -d 2001-02-03T04:05:06.123456789 "$A/tree/sub/link" "$A/tree/one" "$A/tree/sub/deep"
    touch -d 2002-02-03T04:05:06.987654321 "$A/tree"
    kvol create archived
    kvol seed -q archived "$A/tree"
    manifest "$(data archived)" >"$scratch/archived.manifest"
    kvol export -o "$scratch/a.tar" archived
}
end_archives() {
    kvol rm -f archived
    rm -rf "$A" "$scratch/a.tar"
}
as_exported() { # DIRECTORY
    there "$1/one"
    manifest "$1" >"$scratch/imported.manifest"
    diff "$scratch/archived.manifest" "$scratch/imported.manifest"
}
import_exact() { #: [archives] What was exported is imported with all that stat(2) tells.
    want 0 kvol import new "$scratch/a.tar"
    says 'new: created'
    as_exported "$(data new)"
    same "$(inode "$(data new)/one")" "$(inode "$(data new)/sub/two")"
    [ "$(blocks "$(data new)/holes")" -lt 2048 ]
}
import_pipe() { #: [archives] An export goes through a pipe into an import.
    kvol export archived | kvol import -q new
    as_exported "$(data new)"
}
import_attributes() { #: [archives attributes] Extended attributes go through an archive.
    kvol import -q new "$scratch/a.tar"
    same "$(attribute "$(data new)/attributes" colour)" blue
}
import_acls() { #: [archives acl] ACLs go through an archive.
    kvol import -q new "$scratch/a.tar"
    same "$(acl "$(data new)/acl")" "$(acl "$(data archived)/acl")"
    case $(acl "$(data new)/acl") in *1001*) ;; *) fail "no entry for 1001" ;; esac
}
import_flags() { #: [archives chflags] Flags of files and links go through an archive, or are named as not kept.
    want 0 kvol import new "$scratch/a.tar"
    # ZFS adds uarch to each file that is written.
    case $(flags "$(data new)/flagged") in nodump | uarch,nodump) ;; *) fail "$(flags "$(data new)/flagged")" ;; esac
    case $(flags "$(data new)/sub/flagged") in *nodump*) ;; *) want 0 kvol export -o "$scratch/b.tar" archived; says sub/flagged ;; esac
}
import_link_modes() { #: [archives freebsd] Modes of symbolic links go through an archive.
    kvol import -q new "$scratch/a.tar"
    same "$(mode "$(data new)/sub/link")" 0750
}
tar_lists() { #: [archives] tar(1) lists what kvol exported.
    out=$(tar -tf "$scratch/a.tar" 2>/dev/null)
    says ./one ./sub/link './with blank' ./.hidden
}
tar_extracts() { #: [archives] tar(1) extracts what kvol exported: modes, owners, links and times.
    mkdir "$outside"
    tar -xpf "$scratch/a.tar" -C "$outside"
    # bsdtar(1) of FreeBSD changes the time of '.' after it has set it, with archives of its own too.
    [ "$system" = Linux ] || touch -m -r "$(data archived)" "$outside"
    as_exported "$outside"
}
tar_imported() { #: [archives] kvol imports what tar(1) made.
    tar --format=pax -cf "$scratch/t.tar" -C "$A/tree" .
    want 0 kvol import new "$scratch/t.tar"
    holds "$(data new)/sub/two" one
    same "$(owner "$(data new)/one") $(mode "$(data new)/set-id")" '1001:1002 4755'
    same "$(mtime "$(data new)/one")" "$(mtime "$A/tree/one")"
    same "$(readlink "$(data new)/sub/link")" ../nowhere
}
tar_ustar_imported() { #: [archives] kvol imports a ustar archive.
    tar --format=ustar -cf "$scratch/t.tar" -C "$R/www" .
    kvol import -q new "$scratch/t.tar"
    holds "$(data new)/.htpasswd" secret
    same "$(owner "$(data new)/index.html")" 80:81
}
import_compressed() { #: [archives] A compressed archive is refused with the command that unpacks it.
    gzip -c "$scratch/a.tar" >"$scratch/a.tar.gz"
    want 65 kvol import new "$scratch/a.tar.gz"
    says gzip
    volumes_are archived
}
import_cut() { #: [archives] An archive that is cut off is refused, and leaves nothing.
    dd if="$scratch/a.tar" of="$scratch/cut.tar" bs=512 count=7 2>/dev/null
    want 65 kvol import new "$scratch/cut.tar"
    volumes_are archived
    : >"$scratch/cut.tar"
    want 65 kvol import new "$scratch/cut.tar"
}
import_taken() { #: [archives] An import does not overwrite; --into fills an empty volume, and no other.
    kvol create new
    want 73 kvol import new "$scratch/a.tar"
    want 0 kvol import --into new "$scratch/a.tar"
    as_exported "$(data new)"
    want 73 kvol import --into new "$scratch/a.tar"
    want 66 kvol import --into nothing "$scratch/a.tar"
}
import_labels() { #: [archives] import -l labels the new volume, and --json tells what came.
    want 0 kvol import -l from=tar --json new "$scratch/a.tar"
    says '"new"' '"files"'
    want 0 kvol ls -H new
    says from=tar
}
import_bad_names() { #: [archives] An import wants a good name and a file that is there.
    want 64 kvol import a/b "$scratch/a.tar"
    want 66 kvol import new "$scratch/nothing.tar"
    want 66 kvol export nothing -o "$scratch/nothing-out.tar"
    gone "$scratch/nothing-out.tar"
    volumes_are archived
}
hostile_absolute() { #: [archives] A member with an absolute path is not written outside.
    mkdir "$outside"
    write "$outside/file" evil
    tar -P -cf "$scratch/evil.tar" "$outside/file" "$R/www/index.html"
    rm "$outside/file"
    got=0
    out=$(kvol import new "$scratch/evil.tar" 2>&1) || got=$?
    gone "$outside/file"
    case $got in 1 | 65) ;; *) fail "exit $got: $out" ;; esac
    differ "$out" ''
}
hostile_up() { #: [archives] A member that leads up is not written outside.
    mkdir -p "$outside/in"
    write "$outside/file" evil
    (cd "$outside/in" && tar -P -cf "$scratch/evil.tar" ../file)
    got=0
    out=$(kvol import new "$scratch/evil.tar" 2>&1) || got=$?
    gone "$vols/file" "$vols/new/file"
    case $got in 1 | 65) ;; *) fail "exit $got: $out" ;; esac
    says file
}
hostile_link() { #: [archives] A member below a link of the archive is not written through it.
    mkdir -p "$outside/in"
    (cd "$outside/in" && ln -s "$outside" link && tar -cf "$scratch/evil.tar" link && rm link && mkdir link && : >link/file &&
        tar -rf "$scratch/evil.tar" link/file)
    got=0
    out=$(kvol import new "$scratch/evil.tar" 2>&1) || got=$?
    gone "$outside/file"
    case $got in 1 | 65) ;; *) fail "exit $got: $out" ;; esac
    differ "$out" ''
}
export_mounted() { #: [archives] An export of a volume that is mounted writable says so, unless it reads a snapshot.
    kvol mount -q "$R" web:/www
    want 0 kvol export -o "$scratch/b.tar" web
    case $store in dir) says "$R/www" ;; *) same "$out" '' ;; esac
    kvol umount "$R"
    want 0 kvol export -o "$scratch/b.tar" web
    same "$out" ''
}
export_json() { #: [archives] export --json needs -o, and counts what was written.
    want 64 kvol export --json archived
    want 0 kvol export --json -o "$scratch/b.tar" archived
    says '"format": "tar"' '"volume": "archived"' '"not_kept_count": 0'
    want 64 kvol export --format nonsense archived
}
export_empty() { #: [archives] An empty volume can be exported and imported.
    kvol create --owner 1001:1002 --mode 2750 data
    kvol export -o "$scratch/b.tar" data
    kvol import -q new "$scratch/b.tar"
    same "$(owner "$(data new)") $(mode "$(data new)")" '1001:1002 2750'
}
# An import of an archive that does not end: it works on as long as descriptor 9 is open. Its process is $child.
begin_import() { # ARGUMENT...
    mkdir "$outside"
    dd if=/dev/urandom of="$outside/file" bs=65536 count=24 2>/dev/null
    tar -cf "$scratch/p.tar" -C "$outside" file
    rm -f "$scratch/pipe"
    mkfifo "$scratch/pipe"
    "$KVOL_BIN" import "$@" <"$scratch/pipe" >"$scratch/importing" 2>&1 &
    child=$!
    hold $child
    exec 9>"$scratch/pipe"
    # More than a pipe holds: when it is written the import has read of it.
    dd if="$scratch/p.tar" bs=65536 count=12 >&9 2>/dev/null
}
interrupted_import() { #: [archives] An import that is interrupted dies by the signal and leaves no volume.
    begin_import new
    kill -TERM $child
    got=0
    wait $child || got=$?
    exec 9>&-
    same $got 143
    volumes_are archived
}
waits_for_holder() { #: [archives] --wait gives up on a volume that another command works on, with 75 and its process.
    kvol create new
    begin_import --into new
    want 75 kvol --wait 1 mount "$R" new:/mnt
    says "$child"
    unmounted "$R/mnt"
    exec 9>&-
    got=0
    wait $child || got=$?
    same $got 65
    kvol --wait 60 mount -q "$R" new:/mnt
    mounted "$R/mnt"
}
