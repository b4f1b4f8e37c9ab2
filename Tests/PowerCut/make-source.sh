#!/bin/bash
# Makes the tree whose copy must survive.
# usage: make-source.sh DIR
set -eu
mkdir -p "$1"
cd "$1"

for d in $(seq 1 12); do
    mkdir -p "dir$d/sub/deep"
    for f in $(seq 1 25); do
        # Sizes from a few bytes to some blocks, with content of their own.
        head -c $((f * d * 97)) /dev/urandom >"dir$d/file$f"
    done
    echo "small $d" >"dir$d/sub/small"
    ln "dir$d/file1" "dir$d/sub/deep/hard"
    ln "dir$d/file2" "hard$d"
    ln -s "../file3" "dir$d/sub/soft"
    setfattr -n user.colour -v "blue $d" "dir$d/file4"
    setfattr -n trusted.kind -v "tree $d" "dir$d"
    : >"dir$d/nothing"
done

# More than an inode holds, so that it needs a block of its own.
setfattr -n user.long -v "$(head -c 1500 /dev/urandom | base64 -w 0)" dir1/file5
for m in 1 2 3; do
    head -c $((m * 1500000)) /dev/urandom >"big$m"
done
truncate -s 8M hole
printf 'in the middle' | dd of=hole bs=1 seek=4000000 conv=notrunc status=none
printf 'at the end' | dd of=hole bs=1 seek=8388598 conv=notrunc status=none
mkfifo pipe
mkdir empty -m 700
chown 1234:5678 dir2/file6 dir3
chmod 4755 dir2/file7
touch -d '2001-02-03 04:05:06.789' dir2/file8 dir4/sub
chown 12:34 .
chmod 2750 .
touch -d '2002-03-04 05:06:07' .
