#!/bin/sh
# nfs.sh IMAGE: prints the path of an archive to be unpacked in the test machine. The archive has the modules of its kernel for NFS, and
# Debian's programs of the server and the client. Where it is not there, this script fetches the packages and makes it. The image does not
# include it, because only a few tests need it.
set -eu
release=$(. /etc/os-release && echo "$VERSION_CODENAME")
cache=${KVOL_GUEST_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/kvol-guest}
version() { apt-cache policy "$1" | sed -n 's/.*Candidate: //p'; }
kernel=$(basename "$1")
kernel=${kernel#linux-}
kernel=${kernel%%-zfs-*}
file=$cache/nfs-$(version nfs-kernel-server | tr : _)-$kernel-$(version "linux-image-$kernel" | tr : _)-$release.tar.gz
if ! [ -s "$file" ]; then
    mkdir -p "$cache"
    work=$(mktemp -d "$cache/build.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    cd "$work"
    mkdir debs kernel root
    (
        cd debs
        apt-get download -q -o APT::Sandbox::User=root "linux-image-$kernel" nfs-kernel-server nfs-common rpcbind iproute2 \
            $(apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces --no-enhances \
                --no-pre-depends nfs-kernel-server rpcbind iproute2 | grep -E '^(lib|netbase)' | grep -Ev '^lib(c6|gcc-s1|crypt1)$|-dev$' | sort -u) >/dev/null
        dpkg-deb --fsys-tarfile linux-image-*.deb | tar -x -C ../kernel ./lib/modules
        rm linux-image-*.deb
        for package in *.deb; do dpkg-deb -x "$package" ../root; done
    )
    new=$work/new
    mkdir -p "$new/usr/lib/modules/$kernel" "$new/usr/sbin" "$new/usr/bin" "$new/usr/lib/x86_64-linux-gnu" "$new/etc"
    for name in nfsd nfs nfsv3 nfsv4 lockd sunrpc grace nfs_acl auth_rpcgss fscache netfs dns_resolver veth; do
        find kernel/lib/modules -name "$name.ko" -exec cp {} "$new/usr/lib/modules/$kernel/" \;
    done
    strip --strip-debug "$new/usr/lib/modules/$kernel"/*.ko
    for name in mount.nfs umount.nfs rpcbind rpc.statd rpc.mountd rpc.nfsd exportfs nfsconf sm-notify ip; do
        find root -path "*bin/$name" ! -type l -exec cp {} "$new/usr/sbin/" \;
        [ -e "$new/usr/sbin/$name" ] || ln -s mount.nfs "$new/usr/sbin/$name"
    done
    ln -sf mount.nfs "$new/usr/sbin/mount.nfs4"
    # The libraries that these need, and those that they need.
    needed() { readelf -d "$@" 2>/dev/null | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | sort -u; }
    wanted=$(needed "$new"/usr/sbin/*)
    while [ -n "$wanted" ]; do
        more=
        for name in $wanted; do
            at=$(find root -name "$name" | head -n 1)
            [ -n "$at" ] && ! [ -e "$new/usr/lib/x86_64-linux-gnu/$name" ] || continue
            cp -L "$at" "$new/usr/lib/x86_64-linux-gnu/$name"
            more="$more $(needed "$new/usr/lib/x86_64-linux-gnu/$name")"
        done
        wanted=$more
    done
    cp root/etc/netconfig root/etc/protocols root/etc/services root/etc/rpc "$new/etc/"
    tar -C "$new" -czf new.tar.gz usr etc
    mv new.tar.gz "$file"
fi
echo "$file"
