#!/bin/sh
# Compares kvol with the alternatives that its users have, prints ratios and writes bench/RESULTS.md. Needs root. Arguments choose cases:
# see bench.py.
set -eu
cd "$(dirname "$0")/.."
sh setup.sh build bench
mkdir -p obj/bench
cc -O2 -Wall -Wextra -Werror -o obj/bench/limit bench/limit/limit.c -lpthread
dotnet publish bench/empty/empty.csproj -c Release --use-current-runtime -o "$PWD/obj/bench/empty" -v quiet --nologo
dotnet build Tests -c Release -v q --nologo -o "$PWD/obj/tests" >obj/bench/tests.log 2>&1 || { cat obj/bench/tests.log; exit 1; }
ulimit -n "$(ulimit -H -n)"
PYTHONDONTWRITEBYTECODE=1 exec unshare --mount --propagation private python3 bench/bench.py "$@"
