#!/bin/sh
# init, the configuration, and stores that are missing, strange or damaged.
init_prints_id() { #: init prints the store's identity, again and again the same.
    id=$(kvol init)
    case $id in ????????????????) ;; *) fail "$id" ;; esac
    same "$(kvol init)" "$id"
}
init_default() { #: init --default writes root and identity to the configuration, and keeps the other lines.
    echo 'jobs = 2 # two' >"$scratch/own.conf"
    id=$(configured init --default "$KVOL_ROOT")
    out=$(cat "$scratch/own.conf")
    says 'jobs = 2 # two' "root = $KVOL_ROOT" "store_id = $id"
    want 0 configured ls
}
wrong_id() { #: A store with another identity than the configured one is 78.
    { echo "root = $KVOL_ROOT"; echo 'store_id = 0123456789abcdef'; } >"$scratch/own.conf"
    kvol create data
    want 78 configured ls
}
store_gone() { #: [dir] A configured store that is not there is 78, and none is made.
    mkdir -p "$outside/disk"
    id=$(kvol init "$outside/disk/store")
    { echo "root = $outside/disk/store"; echo "store_id = $id"; } >"$scratch/own.conf"
    mv "$outside/disk/store" "$outside/away"
    mkdir "$outside/disk/store"
    for verb in "mount $R data:/www" 'create data' ls init; do
        # shellcheck disable=SC2086
        want 78 configured $verb
    done
    rmdir "$outside/disk/store"
}
config_order() { #: [dir] The option --root comes before KVOL_ROOT, and that before the configuration.
    mkdir "$outside"
    echo "root = $outside/file" >"$scratch/own.conf"
    configured create of-file
    KVOL_ROOT=$outside/environment
    kvol --root "$outside/option" create of-option
    kvol create of-environment
    there "$outside/file/volumes/of-file" "$outside/option/volumes/of-option" "$outside/environment/volumes/of-environment"
}
config_unknown_key() { #: [once] An unknown key in the configuration is 78 and the line is named.
    printf '# one\nnonsense = 1\n' >"$scratch/own.conf"
    want 78 configured ls
    says nonsense 'own.conf' 2
}
config_bad_values() { #: [once] A bad value in the configuration is 78.
    for line in 'jobs = 0' 'jobs = 65' 'clone = maybe' 'jobs' 'jobs = 1
jobs = 2'; do
        printf '%s\n' "$line" >"$scratch/own.conf"
        want 78 configured ls
    done
}
config_missing() { #: [once] A configuration that KVOL_CONFIG names and that is missing is 78.
    rm -f "$scratch/own.conf"
    want 78 configured ls
    says own.conf
}
config_autocreate() { #: With autocreate = off a mount creates no volume.
    { echo 'autocreate = off'; } >"$scratch/own.conf"
    want 66 configured --root "$KVOL_ROOT" mount "$R" web:/www
    unmounted "$R/www"
    kvol create web
    want 0 configured --root "$KVOL_ROOT" mount -q "$R" web:/www
    mounted "$R/www"
}
config_clone_off() { #: clone = off and jobs = 1 seed a whole copy.
    printf 'clone = off\njobs = 1\n' >"$scratch/own.conf"
    before=$(manifest "$R/www")
    configured --root "$KVOL_ROOT" mount -q "$R" web:/www
    mounted "$R/www"
    same "$(manifest "$R/www")" "$before"
}
parent_missing() { #: [once] A store whose parent directory is missing is 78.
    want 78 kvol --root "$fs/nothing/store" create data
    gone "$fs/nothing"
}
strange_directory() { #: [dir] A directory that holds something and is no store is refused, and left as it is.
    mkdir -p "$outside/mine"
    write "$outside/mine/file" kept
    want 78 kvol --root "$outside/mine" create data
    gone "$outside/mine/volumes"
    holds "$outside/mine/file" kept
}
store_is_file() { #: [dir] A store that is a file is refused.
    mkdir "$outside"
    : >"$outside/file"
    want 78 kvol --root "$outside/file" ls
}
volumes_are_roots() { #: Nobody but root reaches a volume through the store.
    kvol create data
    same "$(mode "$vols")" 0700
    same "$(owner "$vols")" "0:$(owner "$vols" | sed 's/.*://')"
}
opened_store() { #: [dir] A directory of volumes that others can enter is closed or refused, and not used as it is.
    kvol create data
    chmod 755 "$vols"
    kvol ls >/dev/null 2>&1 || :
    kvol mount -q "$R" data:/www || chmod 700 "$vols"
    same "$(mode "$vols")" 0700
}
damaged_metadata() { #: [dir] Damaged metadata is 65, and loses nothing.
    kvol create data
    write "$(data data)/file" kept
    cp "$vols/data/volume.json" "$scratch/saved.json"
    write "$vols/data/volume.json" '{'
    want 65 kvol inspect data
    want 65 kvol mount "$R" data:/mnt
    holds "$(data data)/file" kept
    cp "$scratch/saved.json" "$vols/data/volume.json"
    want 0 kvol inspect data
}
future_metadata() { #: [dir] Metadata of a later version is 65 and stays untouched.
    kvol create data
    cp "$vols/data/volume.json" "$scratch/saved.json"
    sed 's/"version": *[0-9]*/"version": 99/' "$scratch/saved.json" >"$vols/data/volume.json"
    before=$(cksum <"$vols/data/volume.json")
    want 65 kvol inspect data
    want 65 kvol mount "$R" data:/mnt
    same "$(cksum <"$vols/data/volume.json")" "$before"
    cp "$scratch/saved.json" "$vols/data/volume.json"
    want 0 kvol inspect data
}
foreign_file() { #: [dir] A file among the volumes is told of, left alone, and keeps no volume from being used.
    kvol create data
    write "$vols/README" mine
    # Also when it fails: every other check would see the file.
    trap 'rm -f "$vols/README"; release' EXIT
    want 65 kvol ls -q
    says data README
    want 1 kvol prune -y --all
    kvol mount -q "$R" other:/mnt
    mounted "$R/mnt"
    holds "$vols/README" mine
    rm "$vols/README"
}
lost_records() { #: When the run directory is lost kvol touches less, never more.
    kvol mount -q "$R" web:/www data:/made/here
    rm -rf "$KVOL_RUN"
    kvol umount "$R"
    unmounted "$R/www" "$R/made/here"
    volumes_are data web
}
not_a_dataset() { #: [zfs] A dataset whose pool is not there is 78, and a store in a dataset that is not there is made by init alone.
    want 78 kvol --root "nothing$$/kvol" ls
    want 78 kvol --root "$pool/nothing/kvol" create data
}
foreign_dataset() { #: [zfs] A dataset among the volumes that is none of kvol's is listed as foreign or left out, and never removed.
    zfs create "$pool/kvol/volumes/mine"
    write "$vols/mine/file" kept
    kvol prune -y --all >/dev/null
    kvol gc
    holds "$vols/mine/file" kept
    zfs destroy "$pool/kvol/volumes/mine"
    want 0 kvol ls
}
unmounted_dataset() { #: [zfs] A dataset that is not mounted is mounted before it is used, and its content is not taken for empty.
    kvol create data
    write "$(data data)/file" kept
    zfs unmount "$pool/kvol/volumes/data"
    kvol mount -q "$R" data:/www
    holds "$R/www/file" kept
}
plain_datasets() { #: [zfs] A volume is an ordinary dataset: its mount point is inherited and canmount is on.
    kvol create data
    same "$(zfs get -H -o value canmount "$pool/kvol/volumes/data")" on
    case $(zfs get -H -o source mountpoint "$pool/kvol/volumes/data") in inherited*) ;; *) fail "mountpoint is not inherited" ;; esac
}
list_writes_nothing() { #: [zfs] Listing does not write to the pool's history.
    kvol create data
    before=$(zpool history -i "${pool%%/*}" | cksum)
    want 0 kvol ls
    want 0 kvol inspect data
    same "$(zpool history -i "${pool%%/*}" | cksum)" "$before"
}
