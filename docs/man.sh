#!/bin/sh
# Installs the manual pages below the directory MANDIR: man.sh MANDIR. Each command can be looked up by its own name: a page that names
# several commands is installed under the first one, and the others lead to it. INSTALL_MAN is what installs a file.
set -eu
cd "$(dirname "$0")"
for page in *.[58]; do
    section=${page##*.}
    mkdir -p "$1/man$section"
    ${INSTALL_MAN:-install -m 644} "$page" "$1/man$section/$page"
    sed -n '/^\.Sh SYNOPSIS/q; s/^\.Nm \(kvol[-.a-z]*\).*/\1/p' "$page" | while read -r name; do
        [ "$name.$section" = "$page" ] || echo ".so man$section/$page" >"$1/man$section/$name.$section"
    done
done
