#!/bin/sh
# Encrypted volumes of a ZFS store.
passphrase() { write "$scratch/key" 'correct horse battery staple'; }
encrypted_made() { #: [zfs] create --encrypt --key-file makes an encrypted volume that can be used.
    passphrase
    kvol create --encrypt --key-file "$scratch/key" secret
    differ "$(zfs get -H -o value encryption "$pool/kvol/volumes/secret")" off
    kvol mount -q "$R" secret:/www
    holds "$R/www/.htpasswd" secret
    mounted "$R/www"
}
encrypted_needs_both() { #: create --encrypt without a key file is refused, and a key file without --encrypt.
    passphrase
    want 64 kvol create --encrypt secret
    want 64 kvol create --key-file "$scratch/key" secret
    volumes_are
}
encrypted_unloaded() { #: [zfs] Without its key a volume is not mounted, and the way out is named.
    passphrase
    kvol create --encrypt --key-file "$scratch/key" secret
    write "$(data secret)/file" kept
    want 0 kvol unload-key secret
    want 69 kvol mount "$R" secret:/mnt
    says load-key
    unmounted "$R/mnt"
    want 0 kvol load-key secret
    kvol mount -q "$R" secret:/mnt
    holds "$R/mnt/file" kept
}
encrypted_busy() { #: [zfs] The key of a mounted volume is not unloaded.
    passphrase
    kvol create --encrypt --key-file "$scratch/key" secret
    kvol mount -q "$R" secret:/mnt
    want 75 kvol unload-key secret
    mounted "$R/mnt"
}
encrypted_wrong_key() { #: [zfs] A wrong key is told of, and a right one in another file is taken.
    passphrase
    kvol create --encrypt --key-file "$scratch/key" secret
    kvol unload-key secret >/dev/null
    write "$scratch/other" 'wrong horse battery staple'
    got=0
    out=$(kvol load-key --key-file "$scratch/other" secret 2>&1) || got=$?
    differ $got 0
    says key
    cp "$scratch/key" "$scratch/other"
    want 0 kvol load-key --json --key-file "$scratch/other" secret
    says secret
}
encrypted_raw() { #: [zfs] export --raw needs no key, and what it carries stays encrypted.
    passphrase
    kvol create --encrypt --key-file "$scratch/key" secret
    write "$(data secret)/file" 'a line that nobody may see'
    kvol snapshot secret@a >/dev/null
    kvol unload-key secret >/dev/null
    kvol export --raw --format zfs -o "$scratch/s" secret@a
    if grep -q 'nobody may see' "$scratch/s"; then fail "it is readable"; fi
    kvol import -q new "$scratch/s"
    kvol load-key --key-file "$scratch/key" new >/dev/null
    kvol mount -q "$R" new:/mnt
    holds "$R/mnt/file" 'a line that nobody may see'
    kvol umount "$R"
    zfs destroy -r "$pool/kvol/volumes/new"
    zfs destroy -r "$pool/kvol/volumes/secret"
}
