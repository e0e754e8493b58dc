#!/bin/busybox sh
# The guest's first process: makes the host's files available, runs the script, powers off.

/bin/busybox --install -s /bin
export PATH=/bin
mount -t devtmpfs none /dev
mount -t proc none /proc
mount -t sysfs none /sys

for module in /early/*; do insmod "$module"; done

# The host's file system, with the guest's devices. What the guest writes to it stays in the
# guest's memory; a folder of its own takes what the host shall see.
mkdir /lower /upper
mount -t 9p -o trans=virtio,version=9p2000.L,msize=524288,ro,cache=loose host /lower
mount -t 9p -o trans=virtio,version=9p2000.L,msize=524288,cache=none report /report
mount -t tmpfs none /upper
mkdir /upper/files /upper/work
mount -t overlay -o lowerdir=/lower,upperdir=/upper/files,workdir=/upper/work none /host
mount -o bind /dev /host/dev
mount -t proc none /host/proc
mount -t sysfs none /host/sys
mount -t tmpfs none /host/mnt
mkdir /host/mnt/report
mount -o bind /report /host/mnt/report

# Here every user of the guest can reach the program, whatever folders of the host it lies in.
mkdir /host/mnt/bin
mount -o bind "/host$(cat /folder)" /host/mnt/bin

sh /script
reboot -f # QEMU is told to power off instead
