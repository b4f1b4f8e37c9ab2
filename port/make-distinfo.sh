#!/bin/sh
# Makes the port's distinfo, and the list NUPKGS in its Makefile, from the packages that a restore for FreeBSD takes.
# usage: make-distinfo.sh [DISTDIR]
# With DISTDIR it also puts all distribution files there (the sources are those of the last commit), so that the port
# builds without a network; distinfo then lists the source archive too.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
port=${PORT:-$top/port/sysutils/kvol}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
dotnet restore "$top/kvol.csproj" --runtime freebsd-x64 -p:KvolOS=FreeBSD -p:BaseIntermediateOutputPath="$work/" \
    -p:PublishAot=false -p:EnableRuntimePackDownload=false -p:EnableAppHostPackDownload=false -v quiet >"$work/log" || { cat "$work/log" >&2; exit 1; }

# What the library-packs directory of lang/dotnet has is no distribution file: the compiler, the linker, the runtime.
nupkgs=$(awk '
    /^  "/ { inside = /^  "libraries": \{/ }
    inside && /^    "/ { split($0, part, "\""); entry = part[2] }
    inside && /^      "type": "package"/ { sub("/", ":", entry); print entry }
' "$work/project.assets.json" | grep -Ev '^(Microsoft\.DotNet\.ILCompiler|Microsoft\.NET\.ILLink\.Tasks|Microsoft\.NETCore\.App\.[^:]*|runtime\.[^:]*):' |
    LC_ALL=C sort)
[ -n "$nupkgs" ] || { echo "make-distinfo: no package found in project.assets.json" >&2; exit 1; }
awk -v list="$(echo "$nupkgs" | tr '\n' ' ')" '
    /^NUPKGS=/ { sub(/ $/, "", list); gsub(/ /, " \\\n\t\t", list); print "NUPKGS=\t\t" list; more = /\\$/; next }
    more { more = /\\$/; next }
    { print }
' "$port/Makefile" >"$work/Makefile"

sum() { if command -v sha256sum >/dev/null; then sha256sum "$1" | cut -d ' ' -f 1; else sha256 -q "$1"; fi; }
entry() {
    printf 'SHA256 (kvol/%s) = %s\n' "$1" "$(sum "$2")"
    printf 'SIZE (kvol/%s) = %s\n' "$1" "$(wc -c <"$2" | tr -d ' ')"
}
if [ $# -gt 0 ]; then
    mkdir -p "$1/kvol"
    name=kvol-$(sed -n 's/^DISTVERSION=[[:space:]]*//p' "$port/Makefile")
    git -C "$top" archive --format=tar --prefix="$name/" HEAD | gzip -9n >"$1/kvol/$name.tar.gz"
    entry "$name.tar.gz" "$1/kvol/$name.tar.gz" >>"$work/entries"
fi
cache=$(dotnet nuget locals global-packages --list | sed 's/^global-packages: //')
for package in $nupkgs; do
    id=$(echo "${package%:*}" | tr '[:upper:]' '[:lower:]')
    file=$id.${package#*:}.nupkg
    entry "$file" "$cache/$id/${package#*:}/$file" >>"$work/entries"
    [ $# -eq 0 ] || cp "$cache/$id/${package#*:}/$file" "$1/kvol/"
done
# The time says when the files changed, not when this ran.
if [ "$(grep -v '^TIMESTAMP' "$port/distinfo" 2>/dev/null)" != "$(cat "$work/entries")" ]; then
    { echo "TIMESTAMP = $(date +%s)"; cat "$work/entries"; } >"$port/distinfo"
fi
cmp -s "$work/Makefile" "$port/Makefile" || cat "$work/Makefile" >"$port/Makefile"
