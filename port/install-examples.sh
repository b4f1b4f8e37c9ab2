#!/bin/sh
# Installs what makes other programs run kvol: install-examples.sh DESTDIR UNITDIR EXAMPLESDIR HOOKSDIR. The units and the examples start
# "kvol snapshot --due" and "kvol plugin", the hooks "kvol oci". Of an empty directory nothing is installed.
# $PREFIX is where kvol is, $INSTALL the command that installs a file.
set -eu
cd "$(dirname "$0")/examples"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

install_to() { # DIRECTORY FILE...
    [ -n "$1" ] || return 0
    to=$destination$1
    shift
    mkdir -p "$to"
    for file in "$@"; do
        sed "s,/usr/local/,$PREFIX/," "$file" >"$work/$file"
        $INSTALL "$work/$file" "$to/$file"
    done
}

destination=$1
install_to "$2" kvol-plugin.socket kvol-plugin@.service kvol-snapshot.service kvol-snapshot.timer
install_to "$3" containers.conf cron inetd.conf kvol.spec
install_to "$4" kvol-poststop.json kvol-precreate.json
