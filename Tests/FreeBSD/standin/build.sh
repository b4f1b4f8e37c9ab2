#!/bin/sh
# Builds libc.so.7, the stand-in, in the directory named. Its constants come from the ABI file, and its structures are compared with it.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=$1
mkdir -p "$out"
abi=$here/../abi-13.5-amd64.json
sed -n 's/^ *"\([A-Z_][A-Z0-9_a-z]*\)": \(-\{0,1\}[0-9]*\),\{0,1\}$/#define FB_\1 \2/p' "$abi" |
    sed '/ 21474836[4-9][0-9]*$\| [3-9][0-9]\{9\}$\| [0-9]\{11,\}$/s/$/ULL/' >"$out/abi.h"
for struct in timespec iovec stat statfs dirent; do
    sed -n "s/^ *\"sizeof struct $struct\": \([0-9]*\),*$/_Static_assert(sizeof(struct fb_$struct) == \1, \"$struct\");/p
        s/^ *\"offsetof struct $struct\.\([a-z_]*\)\": \([0-9]*\),*$/_Static_assert(offsetof(struct fb_$struct, \1) == \2, \"$struct.\1\");/p
        s/^ *\"sizeof struct $struct\.\([a-z_]*\)\": \([0-9]*\),*$/_Static_assert(sizeof(((struct fb_$struct *)0)->\1) == \2, \"$struct.\1\");/p" "$abi"
done >"$out/abi-asserts.h"
${CC:-gcc} -std=gnu11 -D_GNU_SOURCE -O1 -Wall -Wextra -Wno-format-truncation -Werror -fPIC -shared -fvisibility=hidden -pthread -I"$out" -Wl,-soname,libc.so.7 -Wl,-z,defs \
    -o "$out/libc.so.7" "$here"/*.c
