#!/bin/sh
# Builds the native executable bin/kvol; setup.sh provides the tools for it.
set -eu
cd "$(dirname "$0")"
sh setup.sh build
os=${KVOL_OS:-$(uname -s)}
out=obj/publish-$os
dotnet publish kvol.csproj -c Release --use-current-runtime -p:KvolOS="$os" -p:KvolPrefix="${PREFIX:-/usr/local}" \
    -o "$out" -v quiet --nologo
mkdir -p bin
case $os in
"$(uname -s)") name=kvol ;;
FreeBSD) name=kvol-freebsd ;;
*) name=kvol-$os ;;
esac
cp "$out/kvol" "bin/.$name" && mv "bin/.$name" "bin/$name"
