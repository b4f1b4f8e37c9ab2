#!/bin/sh
# Prints the file with Debian's sanoid(8) and syncoid(8) and the perl that they need, to be unpacked in the test machine, and fetches the
# packages first where there is none. It is no part of the image, because only a few tests need it.
set -eu
release=$(. /etc/os-release && echo "$VERSION_CODENAME")
cache=${KVOL_GUEST_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/kvol-guest}
version() { apt-cache policy "$1" | sed -n 's/.*Candidate: //p'; }
depends() { apt-cache depends perl | sed -n "s/.*Depends: \($1[0-9.]*\)$/\1/p"; }
file=$cache/sanoid-$(version sanoid)-perl-$(version perl)-$release.tar.gz
if ! [ -s "$file" ]; then
    mkdir -p "$cache"
    work=$(mktemp -d "$cache/build.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    cd "$work"
    mkdir root
    # shellcheck disable=SC2046
    apt-get download -q -o APT::Sandbox::User=root sanoid libconfig-inifiles-perl libcapture-tiny-perl perl perl-base \
        $(depends perl-modules-) $(depends libperl) >/dev/null
    for package in *.deb; do dpkg-deb -x "$package" root; done
    rm -rf root/lib root/etc/systemd root/usr/share/doc root/usr/share/man root/usr/share/lintian
    tar -C root -czf new.tar.gz usr etc
    mv new.tar.gz "$file"
fi
echo "$file"
