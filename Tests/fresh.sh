#!/bin/sh
# Runs the README's commands where nothing was installed: a new Debian of debootstrap(8) with make, the SDK of this host and what the
# SDK needs, as the root of a mount namespace of its own. Nothing of this host is changed but for the packages' cache of debootstrap.
#
# FRESH_SUITE  which Debian (default: this host's)
# FRESH_TESTS  what 'make test-linux' runs of it (default: all)
# FRESH_GUEST  1: the test machine is built there too, which takes a while, and the whole suite is run
set -eu
cd "$(dirname "$0")/.."
sh setup.sh fresh
if [ "${FRESH_INSIDE-}" != 1 ]; then
    top=$(mktemp -d "${TMPDIR:-/var/tmp}/kvol-fresh.XXXXXX")
    trap 'rm -rf --one-file-system "$top"' EXIT
    trap 'exit 1' HUP INT TERM
    export FRESH_INSIDE=1
    unshare --mount --propagation private --pid --fork sh Tests/fresh.sh "$top"
    exit
fi

root=$1/root
mkdir "$root"
mount --bind "$root" "$root"
. /etc/os-release
icu=$(apt-cache depends libicu-dev | sed -n 's/.*Depends: \(libicu[0-9]*\)$/\1/p' | head -n 1)
debootstrap --variant=minbase --include="make,ca-certificates,${icu:-libicu72},libssl3,libstdc++6" \
    "${FRESH_SUITE:-$VERSION_CODENAME}" "$root" >"$1/log" || {
    tail -n 5 "$1/log" >&2
    exit 1
}
# The packages come from where this host's come from.
rm -f "$root/etc/apt/sources.list"
cp -rL /etc/apt/sources.list* "$root/etc/apt/"
cp -L /etc/resolv.conf /etc/hosts "$root/etc/"
# So do NuGet's, and this host may know authorities that Debian does not.
cp -rL --remove-destination /etc/ssl/certs "$root/etc/ssl/"
sdk=$(dirname "$(readlink -f "$(command -v dotnet)")")
mkdir -p "$root/usr/share/dotnet" "$root/srv/kvol" "$root/old"
mount --bind "$sdk" "$root/usr/share/dotnet"
mount -o remount,bind,ro "$root/usr/share/dotnet"
ln -s /usr/share/dotnet/dotnet "$root/usr/bin/dotnet"
git ls-files -z --cached --others --exclude-standard | tar -c --null -T - --ignore-failed-read 2>/dev/null | tar -x -C "$root/srv/kvol"
mount -t proc proc "$root/proc"
mount --rbind /sys "$root/sys"
mount --rbind /dev "$root/dev"
mount -t tmpfs tmpfs "$root/tmp"
cd "$root"
pivot_root . old
umount -l /old
# Nothing of this host's environment either.
guest=${FRESH_GUEST-}
cd /srv/kvol
set -- env -i HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
"$@" make demo
"$@" make cross
"$@" make lint
if [ "$guest" = 1 ]; then "$@" make test; else "$@" make test-linux TESTS="${FRESH_TESTS-}"; fi
