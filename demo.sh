#!/bin/sh
# The main job on a scratch root directory, step by step; run by 'make demo' as root. Leaves nothing behind.
set -eu
[ "$(id -u)" = 0 ] || { echo "demo: mounting needs root" >&2; exit 77; }
kvol=${KVOL_BIN:-$(dirname "$0")/bin/kvol}
scratch=$(mktemp -d)
export KVOL_ROOT="$scratch/store" KVOL_RUN="$scratch/run" KVOL_CONFIG="$scratch/kvol.conf"
: >"$KVOL_CONFIG"
jail=$scratch/jails/www second=$scratch/jails/backup
finish() {
    "$kvol" umount "$second" 2>/dev/null || true
    "$kvol" umount "$jail" 2>/dev/null || true
    rm -rf --one-file-system "$scratch"
}
trap finish EXIT
say() { printf '\n# %s\n' "$*"; }
run() { printf '$ kvol %s\n' "$*"; "$kvol" "$@"; }
must() { "$@" || { echo "demo: failed: $*" >&2; exit 1; }; }

say "A jail's tree, with a web directory that belongs to somebody"
mkdir -p "$jail/usr/local/www/nginx" "$second"
echo '<h1>It works</h1>' >"$jail/usr/local/www/nginx/index.html"
echo 'secret' >"$jail/usr/local/www/nginx/.htpasswd"
ln "$jail/usr/local/www/nginx/index.html" "$jail/usr/local/www/nginx/index.htm"
chown -R 80:80 "$jail/usr/local/www/nginx"

say "Mount a new volume over it: the volume is created, and seeded with what it covers"
run mount "$jail" web:/usr/local/www/nginx
ls -la "$jail/usr/local/www/nginx"
must test -e "$jail/usr/local/www/nginx/.htpasswd"

say "Write into it, and mount it a second time elsewhere, read-only"
echo hello >"$jail/usr/local/www/nginx/new.txt"
run mount "$second" web:/srv/web:ro
must grep hello "$second/srv/web/new.txt"
if (echo no >"$second/srv/web/no.txt") 2>/dev/null; then echo "demo: read-only mount took a write" >&2; exit 1; fi

say "What there is"
run ls
run mounts
run inspect web

say "Unmount, and remove: a volume in use is refused"
if "$kvol" rm web; then echo "demo: removed a mounted volume" >&2; exit 1; fi
run umount "$second"
must test ! -e "$second/srv"
run umount "$jail"
must test ! -e "$jail/usr/local/www/nginx/new.txt"
run rm web
must test -z "$("$kvol" ls -q)"
say "Nothing is left"
