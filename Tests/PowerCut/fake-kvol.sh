#!/bin/bash
# Stands in for kvol to test the bench itself. FAKE chooses what it does:
#   sound    staging, sync, rename, sync
#   naive    copies into place, no sync
#   staging  staging, rename, no sync
#   late     staging, rename, sync
#   return   staging, sync, rename
# usage: fake-kvol.sh --root ROOT mount ROOTDIR vol:/data
set -eu

root=$2
source=$4/data
volume=$root/volumes/vol

mkdir -p "$volume"
case $FAKE in
naive)
    mkdir -p "$volume/data"
    cp -a "$source/." "$volume/data/"
    ;;
*)
    rm -rf "$volume/.staging"
    if [ -n "$(ls -A "$volume/data" 2>/dev/null)" ]; then
        exit 0
    fi
    cp -a "$source" "$volume/.staging"
    case $FAKE in sound | return) sync -f "$volume" ;; esac
    mv -T "$volume/.staging" "$volume/data"
    case $FAKE in sound | late) sync -f "$volume" ;; esac
    ;;
esac
