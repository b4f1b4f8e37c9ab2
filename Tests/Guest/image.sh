#!/bin/sh
# Prints the directory of the test machine's image, kernel and initramfs, and builds it first where there is none: Linux with
# OpenZFS, from Debian's packages. It is kept outside the tree, in $KVOL_GUEST_CACHE, and named by the versions in it and a hash of
# what it is made from. KVOL_GUEST_SUITE chooses the suite that ZFS comes from; nothing of this machine's own setup is changed
# beyond what setup.sh installs.
set -eu
cd "$(dirname "$0")"
. /etc/os-release
release=$VERSION_CODENAME
suite=${KVOL_GUEST_SUITE:-$release-backports}
cache=${KVOL_GUEST_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/kvol-guest}
hash=$(cat image.sh init agent.c | sha256sum | cut -c 1-12)

say() { echo "$0: $*" >&2; }

# KVM counts only when a kernel really starts on it: there are hosts where it hangs. The answer holds until this host boots again.
accelerator() {
    boot=$(cat /proc/sys/kernel/random/boot_id)
    [ "$(sed 's/.* //' "$1/accel" 2>/dev/null)" = "$boot" ] && return
    accel=tcg
    if [ -w /dev/kvm ] && (timeout -s KILL 20 qemu-system-x86_64 -nodefaults -no-reboot -display none -accel kvm -cpu host -m 1G \
        -kernel "$1/vmlinuz" -initrd "$1/initramfs" -append "console=ttyS0 panic=-1 probe" -serial stdio </dev/null | grep -q "probe: alive") 2>/dev/null; then
        accel=kvm
    fi
    echo "$accel $boot" >"$1/accel.$$"
    mv "$1/accel.$$" "$1/accel"
}

# A machine that has booted, saved: the next ones go on from there in a second or two.
state() {
    new=$1/state-$(qemu-system-x86_64 --version | sed -n 's/.*version \([^ ]*\).*/\1/p')
    ! [ -e "$new" ] && grep -q ^tcg "$1/accel" || return 0
    run=$(mktemp -d "$cache/build.XXXXXX")
    (
        for _ in $(seq 300); do
            ! grep -q 'init: ready' "$run/console" 2>/dev/null || break
            sleep 1
        done
        sleep 2
        echo "migrate \"exec:cat >'$run/state'\""
        echo quit
    ) | sh boot.sh "$1" "$run" save >/dev/null
    # Without it every machine boots, which only takes longer.
    ! grep -q 'init: ready' "$run/console" || ! [ -s "$run/state" ] || mv "$run/state" "$new"
    rm -r "$run"
}

found() {
    for image in "$cache"/*"-$suite-$hash"; do
        [ -e "$image/initramfs" ] || continue
        touch "$image"
        accelerator "$image"
        state "$image"
        echo "$image"
        return 0
    done
    return 1
}

[ "$(dpkg --print-architecture)" = amd64 ] || { say "the test machine is built on amd64 only"; exit 1; }
sh ../../setup.sh guest
found && exit
mkdir -p "$cache"
exec 9>"$cache/lock-$suite"
flock 9
found && exit
say "building the test machine; the first time takes some minutes"
# What nobody has used for a month, and what a killed build left.
find "$cache" -maxdepth 1 \( -name 'linux-*' -mtime +30 -o -name 'build.*' -mtime +1 \) -exec rm -rf {} +
work=$(mktemp -d "$cache/build.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# apt with its own state: it sees no installed package, and the sources of this machine widened by contrib and by backports.
mkdir -p "$work/apt/lists/partial" "$work/apt/archives/partial"
: >"$work/apt/status"
cat >"$work/apt/apt.conf" <<CONF
Dir::Etc::SourceList "$work/apt/sources.list";
Dir::Etc::SourceParts "/dev/null";
Dir::Etc::Preferences "$work/apt/preferences";
Dir::Etc::PreferencesParts "/dev/null";
Dir::State "$work/apt";
Dir::State::Lists "$work/apt/lists";
Dir::State::Status "$work/apt/status";
Dir::Cache "$work/apt";
Dir::Cache::Archives "$work/apt/archives";
APT::Install-Recommends "false";
APT::Sandbox::User "root";
Acquire::Languages "none";
CONF
uri() { apt-get indextargets --format '$(RELEASE) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' 2>/dev/null | sed -n "s/^$1 main //p" | head -n 1; }
for source in "$release:$release" "$release:$release-backports" "$release-security:$release-security"; do
    at=$(uri "${source%%:*}")
    [ -n "$at" ] || continue
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $at ${source##*:} main contrib"
done >"$work/apt/sources.list"
zfs='zfs-dkms zfsutils-linux libzfs*linux libzpool*linux libnvpair*linux libuutil*linux'
cat >"$work/apt/preferences" <<PIN
Package: $zfs
Pin: release n=$suite
Pin-Priority: 990

Package: $zfs
Pin: release *
Pin-Priority: -1

Package: *
Pin: release n=$release-backports
Pin-Priority: -1
PIN
export APT_CONFIG="$work/apt/apt.conf"
apt-get update -q >/dev/null

depends() { apt-cache depends "$1" | sed -n "s/.*Depends: \($2.*\)/\1/p"; }
image=$(depends linux-image-cloud-amd64 linux-image-)
headers=$(depends linux-headers-cloud-amd64 linux-headers-)
kernel=${image#linux-image-}
unpack() { # DIRECTORY PACKAGE...
    mkdir -p "$1/debs" && mkdir -p "$1/usr/bin" "$1/usr/sbin" "$1/usr/lib" "$1/usr/lib64"
    for name in bin sbin lib lib64; do ln -s "usr/$name" "$1/$name"; done
    (
        cd "$1/debs" && shift && apt-get download -q "$@" >/dev/null
        for package in *.deb; do dpkg-deb --fsys-tarfile "$package" | tar -x --keep-directory-symlink -C ..; done
    )
    rm -r "$1/debs"
}

# The kernel, and the modules as dkms would build them: zfs-dkms's own source against the headers where they were unpacked. They take
# most of the time and are kept for the next image of the same versions.
version=$(apt-cache policy zfs-dkms | sed -n 's/.*Candidate: \([^-]*\)-.*/\1/p')
modules=$cache/modules-$kernel-zfs-$version
if ! [ -d "$modules" ]; then
    built=$work/built
    # shellcheck disable=SC2046
    unpack "$built" "$image" "$headers" $(depends "$headers" 'linux-[hk]') zfs-dkms
    compiler=$(sed -n 's/^CC .*)\(gcc-[0-9]*\)$/\1/p' "$built/usr/src/linux-headers-$kernel/.kernelvariables")
    (unset APT_CONFIG && sh ../../setup.sh "$compiler=$compiler")
    sed -i "s|/usr/src/|$built/usr/src/|" "$built/usr/src/linux-headers-$kernel/Makefile"
    (
        cd "$built/usr/src/zfs-$version"
        ./configure -q --disable-dependency-tracking --with-config=kernel --with-linux="$(echo "$built"/usr/src/linux-headers-*-common)" \
            --with-linux-obj="$built/usr/src/linux-headers-$kernel"
        make -s -j "$(nproc)" KCFLAGS=-g0
    ) >"$work/log" 2>&1 || { tail -n 30 "$work/log" >&2; say "the modules of ZFS $version for Linux $kernel did not build"; exit 1; }
    mkdir "$work/modules"
    for name in virtio virtio_ring virtio_pci virtio_pci_modern_dev virtio_pci_legacy_dev virtio_blk virtio_console loop; do
        cp "$(find "$built/lib/modules" -name "$name.ko")" "$work/modules/"
    done
    find "$built/usr/src/zfs-$version/module" -name '*.ko' -exec cp {} "$work/modules/" \;
    strip --strip-debug "$work"/modules/*.ko
    cp "$built/lib/modules/$kernel"/modules.builtin "$built/lib/modules/$kernel"/modules.order "$built/boot/vmlinuz-$kernel" "$work/modules/"
    mv "$work/modules" "$modules"
fi

# File systems with project quotas, for directory stores.
unpack "$work/kernel" "$image"
mkdir "$work/filesystems"
for name in xfs ext4 jbd2 mbcache crc16 libcrc32c crc32c_generic quota_v2 quota_tree; do
    find "$work/kernel/lib/modules" -name "$name.ko" -exec cp {} "$work/filesystems/" \;
    [ -e "$work/filesystems/$name.ko" ] || grep -q "/$name.ko" "$modules/modules.builtin" || { say "the kernel has no $name"; exit 1; }
done

# The machine's files: the programs with all they depend on, without documentation, perl and python.
root=$work/root
packages=$(apt-get -s install zfsutils-linux busybox-static bash dash coreutils util-linux mount findutils grep sed mawk diffutils \
    e2fsprogs xfsprogs acl attr rsync strace procps tar | sed -n 's/^Inst \([^ ]*\).*/\1/p' | grep -Ev 'perl|python|^(usrmerge|debconf|dpkg|media-types)$')
# shellcheck disable=SC2086
unpack "$root" $packages
rm -rf "$root"/usr/share "$root"/usr/include "$root"/usr/lib/*/gconv "$root"/usr/src
mkdir -p "$root/proc" "$root/sys" "$root/dev" "$root/tmp" "$root/run" "$root/root" "$root/usr/local/sbin" "$root/lib/modules/$kernel"
ln -sf mawk "$root/usr/bin/awk"
for name in $("$root/bin/busybox" --list); do
    [ -e "$root/usr/bin/$name" ] || [ -e "$root/usr/sbin/$name" ] || ln -s busybox "$root/usr/bin/$name"
done
cp "$work/filesystems"/*.ko "$modules"/*.ko "$modules"/modules.* "$root/lib/modules/$kernel/"
"$root/bin/busybox" depmod -b "$root" "$kernel"
printf 'root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534:nobody:/:/bin/false\n' >"$root/etc/passwd"
printf 'root:x:0:\nnogroup:x:65534:\n' >"$root/etc/group"
ln -sf /proc/self/mounts "$root/etc/mtab"
gcc -O2 -static -Wall -o "$root/sbin/agent" agent.c
install -m 755 init "$root/init"

new=$work/new
mkdir "$new"
cp "$modules/vmlinuz-$kernel" "$new/vmlinuz"
(cd "$root" && find . | cpio -o -H newc --quiet --owner 0:0) >"$new/initramfs"
final=$cache/linux-$kernel-zfs-$version-$suite-$hash
rm -rf "$final"
mv "$new" "$final"
found
