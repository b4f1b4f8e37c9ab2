#!/bin/sh
# Becomes the test machine: boot.sh IMAGE DIRECTORY [shell]. The disks are sparse files in DIRECTORY, made where there are none; the
# agent is reached through the listening socket DIRECTORY/agent. With 'shell' a person gets the console instead.
set -eu
image=$1 directory=$2
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
if [ "${3-}" = shell ]; then
    console='-serial mon:stdio' agent=
    [ -z "${KVOL_BIN-}" ] || agent="-drive if=virtio,file=$KVOL_BIN,format=raw,readonly=on"
else
    console="-serial file:$directory/console"
    agent="-chardev socket,id=agent,path=$directory/agent -device virtio-serial-pci -device virtserialport,chardev=agent,name=kvol"
fi
# shellcheck disable=SC2086
exec qemu-system-x86_64 -nodefaults -no-user-config -no-reboot -display none -machine pc -accel $accel -cpu $cpu -smp 2 -m 4G \
    -kernel "$image/vmlinuz" -initrd "$image/initramfs" -append "console=ttyS0 quiet panic=-1 ${3-}" $console $disks $agent
