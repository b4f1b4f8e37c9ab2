#!/bin/sh
# Makes sure that commands of the README find the programs that they start: setup.sh WORK..., where WORK is quick, build, test, guest, lint,
# bench or fresh. On Debian, as root, it installs what is missing; elsewhere it names in one line what to install, and fails before anything
# runs. Further operands THING=PACKAGE name requirements that are known only later, such as a compiler of a certain version.
set -eu
PATH=$PATH:/usr/sbin:/sbin

# WORK THING PACKAGE: a thing is a program, a path, or the name of a shared library. What every Debian system has is not listed.
needs() {
    cat <<'NEEDS'
quick dotnet -

build dotnet -
build clang clang
build /usr/include/zlib.h zlib1g-dev

lint mandoc mandoc
lint checkbashisms devscripts
lint bmake bmake

guest qemu-system-x86_64 qemu-system-x86
guest gcc gcc
guest /usr/include/stdio.h libc6-dev
guest ld binutils
guest make make
guest cpio cpio
guest xz xz-utils
guest libelf.so.1 libelf1
guest ps procps
guest /usr/share/keyrings/debian-archive-keyring.gpg debian-archive-keyring

test gcc gcc
test /usr/include/stdio.h libc6-dev
test make make
test pkg-config pkgconf
test fusermount3 fuse3
test /usr/include/fuse3/fuse.h libfuse3-dev
test mkfs.xfs xfsprogs
test mkfs.btrfs btrfs-progs
test mkfs.ext4 e2fsprogs
test setfacl acl
test setfattr attr
test bsdtar libarchive-tools
test xz xz-utils
test bzip2 bzip2
test rsync rsync
test crun crun
test strace strace
test python3 python3
test /usr/bin/python3 python3-minimal
test ps procps
test zsh zsh
test fish fish
test tcsh tcsh
test ld.lld lld
test llvm-readelf llvm

fresh debootstrap debootstrap
fresh dotnet -
fresh git git

bench gcc gcc
bench /usr/include/stdio.h libc6-dev
bench rsync rsync
bench podman podman
bench mkfs.xfs xfsprogs
bench mkfs.btrfs btrfs-progs
bench python3 python3
bench /usr/bin/time time
NEEDS
}

has() {
    case $1 in
    /*) [ -e "$1" ] ;;
    *.so.*) ldconfig -p 2>/dev/null | grep -q "^[[:space:]]*$1 " ;;
    *) command -v "$1" >/dev/null ;;
    esac
}

# Prints what the given work lacks, as THING=PACKAGE.
missing() {
    for work; do
        case $work in
        *=*) has "${work%%=*}" || echo "$work" ;;
        *)
            needs | while read -r kind thing package; do
                [ "$kind" != "$work" ] || has "$thing" || echo "$thing=$package"
            done
            ;;
        esac
    done
}

for work; do
    case $work in
    *=*) continue ;;
    list) needs; exit ;;
    esac
    needs | grep -q "^$work " || { echo "setup.sh: $work: no such work" >&2; exit 64; }
done
# The other commands are for the host on which kvol is developed; FreeBSD's acceptance test needs only sh(1).
[ "$(uname -s)" != FreeBSD ] || set -- build
lacks=$(missing "$@" | sort -u)
[ -n "$lacks" ] || exit 0
case $lacks in
*dotnet=-*) echo "setup.sh: the .NET 10 SDK is missing: install it, so that 'dotnet' is a command" >&2; exit 69 ;;
esac
packages=$(echo "$lacks" | sed 's/.*=//' | sort -u | tr '\n' ' ')
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    things=$(echo "$lacks" | sed 's/=.*//' | tr '\n' ' ')
    echo "setup.sh: install what gives ${things% }: on Debian, as root, that is: apt-get install ${packages% }" >&2
    exit 69
fi
echo "setup.sh: installing ${packages% }" >&2
apt-get update -q >/dev/null
# shellcheck disable=SC2086
DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends -o DPkg::Lock::Timeout=600 $packages >/dev/null
lacks=$(missing "$@" | sort -u | sed 's/=.*//' | tr '\n' ' ')
[ -z "$lacks" ] || { echo "setup.sh: $packages do not give ${lacks% }" >&2; exit 69; }
