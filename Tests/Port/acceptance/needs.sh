#!/bin/sh
# What a check needs of the machine: each prints the reason and fails where it is not there.
program() { command -v "$1" >/dev/null || { echo "no $1 here"; return 1; }; }
needs_freebsd() { [ "$system" = FreeBSD ] || { echo "needs FreeBSD"; return 1; }; }
needs_jail() {
    [ "$system" = FreeBSD ] || { echo "needs jail(8)"; return 1; }
    [ "$(sysctl -n security.jail.jailed)" = 0 ] || { echo "is itself in a jail"; return 1; }
}
needs_mtree() { [ "$system" = FreeBSD ] || { echo "needs mtree(8)"; return 1; }; }
needs_chflags() { [ "$system" = FreeBSD ] || { echo "needs chflags(1)"; return 1; }; }
needs_chattr() {
    if [ "$system" = FreeBSD ]; then echo "chflags(1) is there instead"; return 1; fi
    program chattr || return 1
    : >"$fs/flag" && chattr +d "$fs/flag" 2>/dev/null || { echo "the file system keeps no flags"; rm -f "$fs/flag"; return 1; }
    rm -f "$fs/flag"
}
needs_rc() { [ -r /etc/rc.subr ] || { echo "needs rc.subr(8)"; return 1; }; }
needs_periodic() { [ -r /etc/defaults/periodic.conf ] || { echo "needs periodic(8)"; return 1; }; }
needs_attributes() {
    case $system in FreeBSD) program setextattr ;; *) program setfattr ;; esac || return 1
    : >"$fs/probe"
    set_attribute "$fs/probe" colour blue 2>/dev/null || { echo "the file system keeps no attributes"; return 1; }
}
needs_acl() {
    program setfacl || return 1
    : >"$fs/probe"
    set_acl "$fs/probe" 2>/dev/null || { echo "the file system keeps no ACLs"; return 1; }
}
needs_bsdtar() { program bsdtar; }
needs_socket() { case $system in FreeBSD) program nc ;; *) program python3 ;; esac; }
needs_devices() {
    rm -f "$fs/probe"
    mknod "$fs/probe" c 1 3 2>/dev/null || { echo "no devices can be made here"; return 1; }
    rm -f "$fs/probe"
}

needs_archives() { [ "$side" = "$system" ] || { echo "the stand-in does not model what archives need"; return 1; }; }
needs_shares() { # a directory store that can take snapshots
    [ "$store" = zfs ] || { echo "a directory store has snapshots on XFS and btrfs alone"; return 1; }
}
needs_rescue() { [ -x /rescue/sh ] || { echo "needs /rescue/sh"; return 1; }; }
# A zfs(8) that is older than the module leaves the snapshot's name out of the stream.
needs_send() {
    zfs create "$pool/send" && zfs snapshot "$pool/send@a"
    received=0
    zfs send "$pool/send@a" 2>/dev/null | zfs receive -u "$pool/send/back" 2>/dev/null || received=1
    [ $received = 0 ] || echo "zfs receive does not take what zfs send makes here"
    zfs destroy -r "$pool/send"
    return $received
}
