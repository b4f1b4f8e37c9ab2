#!/bin/sh
# Builds the native executable bin/kvol. On Debian, as root, it installs the linker and headers that native AOT needs.
set -eu
cd "$(dirname "$0")"
command -v dotnet >/dev/null || { echo "build.sh: the .NET 10 SDK is missing (dotnet)" >&2; exit 1; }
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    if ! command -v clang >/dev/null || ! [ -e /usr/include/zlib.h ]; then
        apt-get update -q >/dev/null
        DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends clang zlib1g-dev >/dev/null
    fi
fi
os=${KVOL_OS:-$(uname -s)}
out=obj/publish-$os
dotnet publish kvol.csproj -c Release --use-current-runtime -p:KvolOS="$os" -o "$out" -v quiet --nologo
mkdir -p bin
case $os in
"$(uname -s)") name=kvol ;;
FreeBSD) name=kvol-freebsd ;;
*) name=kvol-$os ;;
esac
cp "$out/kvol" "bin/.$name" && mv "bin/.$name" "bin/$name"
