#!/bin/sh
# Measures how kvol's cost grows, prints the exponents, and writes bench/scale.csv and bench/scale.svg. Needs root. Arguments choose what
# grows: see scale.py.
set -eu
cd "$(dirname "$0")/.."
sh setup.sh build bench
mkdir -p obj/bench
ulimit -n "$(ulimit -H -n)"
PYTHONDONTWRITEBYTECODE=1 exec unshare --mount --propagation private python3 bench/scale.py "$@"
