# The cases, in the guest. Each leaves what `postern` said, its exit code and its times in /report.

postern="chroot /host /mnt/bin/postern camera"
# The full path, or busybox takes its own, which knows no users.
nobody="chroot /host /usr/bin/setpriv --reuid=65534 --regid=65534 --clear-groups /mnt/bin/postern camera"

now() { cut -d ' ' -f 1 /proc/uptime; }

# finish NAME EXIT-CODE START
finish() {
    echo "$2 $3 $(now)" >"/report/$1.status"
    echo "$1, $3 s: exit code $2: $(tail -n 1 "/report/$1.out") $(tail -n 1 "/report/$1.err")"
}

# Runs a command: try NAME COMMAND...
try() {
    name=$1
    shift
    start=$(now)
    timeout 30 "$@" >"/report/$name.out" 2>"/report/$name.err"
    finish "$name" $? "$start"
}

# Lets something happen while postern captures. The time starts with what happens:
# during NAME CONFIGURATION DEVICE COMMAND...
during() {
    name=$1 configuration=$2 device=$3
    shift 3
    timeout 30 $postern --frames 100000 --config "$configuration" \
        >"/report/$name.out" 2>"/report/$name.err" &
    capture=$!
    await streams "$device"
    sleep 1
    start=$(now)
    "$@"
    wait $capture
    finish "$name" $? "$start"
}

# Waits until a command succeeds, ten seconds at most.
await() {
    for _ in $(seq 200); do
        "$@" && return
        sleep 0.05
    done
    echo "not within ten seconds: $*"
}

# Whether a process has buffers of the camera mapped.
streams() { grep -q "$1" /proc/[0-9]*/maps 2>/dev/null; }

# A configuration for any camera, or for those of a name: configure FILE [NAME]
configure() {
    {
        echo 'data_dir = "/mnt/data"'
        echo 'models_dir = "/mnt/models"'
        echo '[camera]'
        echo 'source = "device"'
        [ -n "$2" ] && echo "name = \"$2\""
    } >"/host$1"
}

any=/mnt/any.toml first=/mnt/first.toml second=/mnt/second.toml
configure $any
configure $first vivid-000
configure $second VIVID-001

try none $postern --frames 3 --config $any

# vivid, the kernel's own virtual V4L2 devices: the first has an output too, which is no camera.
for module in /late/*; do
    case $module in
    *vivid*) insmod "$module" n_devs=2 node_types=0x101,0x1 ;;
    *) insmod "$module" ;;
    esac
done
one=/dev/video0 output=/dev/video1 two=/dev/video2
control() { chroot /host v4l2-ctl --device "$1" --set-ctrl "$2"; }

try listed $postern --list --config $any
try delivers $postern --frames 30 --config $any
try named $postern --frames 3 --config $second

chroot /host v4l2-ctl --device $one --stream-mmap --stream-count=100000 >/dev/null 2>&1 &
other=$!
await streams $one
try busy $postern --frames 3 --config $first
try next $postern --frames 3 --config $any
kill $other
wait $other
try free $postern --frames 3 --config $first

ln -s video0 /dev/video-front
try alias $postern --frames 3 --config $first
rm /dev/video-front
chroot /host v4l2-ctl --device $one --set-fmt-video=width=640,height=480 --set-parm=12.5
try broken_rate $postern --frames 3 --config $first
chroot /host v4l2-ctl --device $one --set-fmt-video=pixelformat=GREY
try foreign_format $postern --frames 3 --config $first

chmod 000 $one
try denied $nobody --frames 3 --config $first
chmod 666 $one
try allowed $nobody --frames 3 --config $first

during stalled $first $one control $one percentage_of_dropped_buffers=100
try silent $postern --frames 3 --config $first
control $one percentage_of_dropped_buffers=0

control $one inject_vidioc_streamon_error=1
try refused $postern --frames 3 --config $first
during broke_down $first $one control $one inject_fatal_streaming_error=1

during disconnected $first $one control $one disconnect=1
unbind() { echo vivid.0 >/sys/bus/platform/drivers/vivid/unbind; }
during unbound $second $two unbind
echo vivid.0 >/sys/bus/platform/drivers/vivid/bind
try again $postern --frames 3 --config $second
unbind

# Webcams in the USB port, which the test serves.
plug() { echo "$1" >/report/webcam; }
unplug() { : >/report/webcam; }

for webcam in usual yuyv nv12 bgr range garbled; do
    plug $webcam
    await test -e /dev/video0
    try $webcam $postern --frames 15 --config $any
    unplug
    await test ! -e /dev/video0
done
plug usual
await test -e /dev/video0
during pulled $any /dev/video0 unplug

touch /report/complete
