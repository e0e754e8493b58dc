#!/bin/busybox sh
# The guest's first process: makes the host's files available, runs the cases, powers off.

/bin/busybox --install -s /bin
export PATH=/bin
mount -t devtmpfs none /dev
mount -t proc none /proc
mount -t sysfs none /sys

for module in /early/*; do insmod "$module"; done

# The host's file system, read-only, with the guest's devices and a folder to write in.
mount -t 9p -o trans=virtio,version=9p2000.L,msize=524288,ro,cache=loose host /host
mount -t 9p -o trans=virtio,version=9p2000.L,msize=524288,cache=none report /report
mount -o bind /dev /host/dev
mount -t proc none /host/proc
mount -t sysfs none /host/sys
mount -t tmpfs none /host/mnt

# Here every user of the guest can reach the program, whatever folders of the host it lies in.
mkdir /host/mnt/bin
mount -o bind "/host$(cat /folder)" /host/mnt/bin

sh /cases
reboot -f # QEMU is told to power off instead
