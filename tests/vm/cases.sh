# The cases, in the guest. Each leaves what `postern` said, its exit code and its times in /report.

postern="chroot /host /mnt/bin/postern camera"
# The full path, or busybox takes its own, which knows no users.
nobody="chroot /host /usr/bin/setpriv --reuid=65534 --regid=65534 --clear-groups /mnt/bin/postern camera"

now() { cut -d ' ' -f 1 /proc/uptime; }

# finish NAME EXIT-CODE START
finish() {
    echo "$2 $3 $(now)" >"/report/$1.status"
    echo "$1, $3 to $(now) s: exit code $2: $(tail -n 1 "/report/$1.out") $(tail -n 1 "/report/$1.err")"
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
configure $first vivid-000-vid-cap
configure $second VIVID-001

# Each start of the program takes a second or two here, so one run proves more than one thing where it can.

try none $postern --frames 3 --config $any

# vivid, the kernel's own virtual V4L2 devices: the first has an output too, which is no camera.
for module in /late/*; do
    case $module in
    *vivid*) insmod "$module" n_devs=2 node_types=0x101,0x1 ;;
    *) insmod "$module" ;;
    esac
done
one=/dev/video0 two=/dev/video2
control() { chroot /host v4l2-ctl --device $one --set-ctrl "$1"; }

try delivers $postern --frames 30 --config $any

chmod 000 $one
try denied $nobody --frames 3 --config $first
chmod 666 $one

# In a format and at a rate that nokhwa does not know.
chroot /host v4l2-ctl --device $two --set-fmt-video=width=640,height=480,pixelformat=GREY --set-parm=12.5
try as_left $postern --frames 3 --config $second

chroot /host v4l2-ctl --device $one --stream-mmap --stream-count=100000 >/dev/null 2>&1 &
other=$!
await streams $one
try busy $postern --frames 3 --config $first
try next $postern --frames 3 --config $any
kill $other
wait $other
ln -s video0 /dev/video-front
try free $nobody --frames 3 --config $first
rm /dev/video-front

during disconnected $first $one control disconnect=1
during broke_down $first $one control inject_fatal_streaming_error=1
control inject_vidioc_streamon_error=1
try refused $postern --frames 3 --config $first
during stalled $first $one control percentage_of_dropped_buffers=100
try silent $postern --frames 3 --config $first

echo vivid.0 >/sys/bus/platform/drivers/vivid/unbind

# Webcams in the USB port, which the test serves.
plug() {
    echo "$1" >/report/webcam
    await test -e /dev/video0
}
unplug() { : >/report/webcam; }

for webcam in usual range bgr garbled; do
    plug $webcam
    try $webcam $postern --frames 15 --config $any
    unplug
    await test ! -e /dev/video0
done
plug usual
during pulled $any /dev/video0 unplug

touch /report/complete
