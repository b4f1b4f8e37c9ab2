#!/bin/sh
# Becomes the test machine: boot.sh IMAGE DIRECTORY [MODE]. The disks are sparse files in DIRECTORY, made where there are none; the
# agent calls the socket DIRECTORY/agent. Modes: 'warm' goes on from the state that image.sh saved right after a boot, before any
# disk was touched; 'cold' boots; 'save' boots for image.sh, with qemu's monitor on standard input; 'shell' gives a person the console.
set -eu
image=$1 directory=$2 mode=${3-warm}
accel=tcg,thread=multi cpu=Nehalem
[ "$(cat "$image/accel" 2>/dev/null)" = "kvm $(cat /proc/sys/kernel/random/boot_id)" ] && accel=kvm cpu=host
at() { printf "$2" | dd of="$directory/disk$n" bs=1 seek="$1" conv=notrunc status=none; }
disks=
for n in 0 1 2 3; do
    if ! [ -e "$directory/disk$n" ]; then
        truncate -s 2G "$directory/disk$n"
        # One partition, from sector 2048 to the end: without udev zpool waits in vain for those that it would make itself.
        at 446 '\000\000\000\000\203\000\000\000\000\010\000\000\000\370\077\000'
        at 510 '\125\252'
    fi
    # A cut of power takes what the guest had not written; the host loses nothing, so the host need not flush.
    disks="$disks -drive if=none,id=disk$n,file=$directory/disk$n,format=raw,cache=unsafe,discard=unmap"
    disks="$disks -device virtio-blk-pci,drive=disk$n,serial=disk$n"
done
words='console=ttyS0 quiet panic=-1'
extra="-serial file:$directory/console" call=
case $mode in
shell)
    words="$words shell"
    extra='-serial mon:stdio'
    [ -z "${KVOL_BIN-}" ] || extra="$extra -drive if=virtio,file=$KVOL_BIN,format=raw,readonly=on"
    ;;
save)
    extra="$extra -monitor stdio"
    call=,server=on,wait=off
    ;;
warm)
    state=$image/state-$(qemu-system-x86_64 --version | sed -n 's/.*version \([^ ]*\).*/\1/p')
    [ $accel = kvm ] || ! [ -e "$state" ] || set -- -incoming "exec:cat '$state'"
    ;;
esac
[ "${1-}" = -incoming ] || set --
[ "$mode" = shell ] || extra="$extra -chardev socket,id=agent,path=$directory/agent$call
    -device virtio-serial-pci -device virtserialport,chardev=agent,name=kvol"
# shellcheck disable=SC2086
exec qemu-system-x86_64 -nodefaults -no-user-config -no-reboot -display none -machine pc -accel $accel -cpu $cpu -smp 2 -m 4G \
    -kernel "$image/vmlinuz" -initrd "$image/initramfs" -append "$words" $disks $extra "$@"
