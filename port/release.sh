#!/bin/sh
# Makes of port/sysutils/kvol a port that can be committed: with the addresses, the maintainer and all checksums.
# usage: SITE=URL NUGET_SITE=URL MAINTAINER=ADDRESS release.sh [OUT] [DISTDIR]
# SITE has the home page and the source archives, ${SITE}/kvol-VERSION.tar.gz. NUGET_SITE is the base of a feed's package content, which its
# service index calls PackageBaseAddress. The port is OUT/sysutils/kvol, its distribution files are in DISTDIR.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
out=${1:-$top/obj/port}
distfiles=${2:-$out/distfiles}

# Refuses: NAME VALUE WHAT-IT-IS.
wrong() {
    echo "release.sh: $1='$2': it has to be $3" >&2
    exit 64
}
for name in SITE NUGET_SITE; do
    eval "value=\${$name-}"
    case $value in
    *[!A-Za-z0-9._~:/%+-]* | */) wrong $name "$value" "a URL without a slash at the end" ;;
    https://?*.?*) ;;
    *) wrong $name "$value" "a URL that begins with https://" ;;
    esac
done
case ${MAINTAINER-} in
*[!A-Za-z0-9._+@-]* | *@*@*) wrong MAINTAINER "$MAINTAINER" "a mail address" ;;
[Pp][Oo][Rr][Tt][Ss]@*) wrong MAINTAINER "$MAINTAINER" "a person: nobody reads a new port's mail there" ;;
?*@?*.?*) ;;
*) wrong MAINTAINER "${MAINTAINER-}" "a mail address" ;;
esac

port=$out/sysutils/kvol
rm -rf "$port"
mkdir -p "$out/sysutils" "$distfiles"
cp -R "$top/port/sysutils/kvol" "$port"
sed -e "s|%%SITE%%|$SITE|" -e "s|%%NUGET_SITE%%|$NUGET_SITE|" -e "s|%%MAINTAINER%%|$MAINTAINER|" \
    "$top/port/sysutils/kvol/Makefile" >"$port/Makefile"
PORT=$port sh "$top/port/make-distinfo.sh" "$distfiles"
echo "$port"
