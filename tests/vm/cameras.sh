# What `postern camera` says of cameras of every kind.

. /prelude

postern="chroot /host /mnt/bin/postern camera"
# The full path, or busybox takes its own, which knows no users.
nobody="chroot /host /usr/bin/setpriv --reuid=65534 --regid=65534 --clear-groups"
nobody="$nobody /mnt/bin/postern camera"

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

# Whether a process has buffers of the camera mapped.
streams() { grep -q "$1" /proc/[0-9]*/maps 2>/dev/null; }

# A configuration for any camera, or for those of a name, and which virtual ones are allowed:
# configure FILE [NAME] [ALLOWED]
configure() {
    {
        echo 'data_dir = "/mnt/data"'
        echo 'models_dir = "/mnt/models"'
        echo '[camera]'
        echo 'source = "device"'
        [ -n "$2" ] && echo "name = \"$2\""
        [ -n "$3" ] && echo "allow_virtual = [\"$3\"]"
    } >"/host$1"
}

any=/mnt/any.toml first=/mnt/first.toml second=/mnt/second.toml third=/mnt/third.toml
webcam=/mnt/webcam.toml
lenses=/mnt/lenses.toml
configure $any '' vivid
configure $first vivid-000-vid-cap vivid-000
configure $second VIVID-001 vivid
configure $third vivid-002 VIVID
configure $webcam webcam
configure $lenses '' 'OBS Virtual Camera'

try none $postern --frames 3 --config $any

# vivid, the kernel's own virtual V4L2 devices: the first has an output too, which is no camera.
drivers n_devs=3 node_types=0x101,0x1,0x1
one=/dev/video0 two=/dev/video2 three=/dev/video3 four=/dev/video4

# Before a webcam is there.
try virtual $postern --frames 3 --config $lenses

# Loading the program takes seconds here. So one run proves more than one thing where it can, and
# three groups of cases run at a time.

cameras_that_work() {
    try delivers $postern --frames 30 --config $any

    chmod 000 $one
    try denied $nobody --frames 3 --config $first
    chmod 666 $one

    # In a format and at a rate that nokhwa does not know.
    chroot /host v4l2-ctl --device $two --set-parm=12.5 \
        --set-fmt-video=width=640,height=480,pixelformat=GREY >/dev/null
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
}

cameras_that_fail() {
    during disconnected $third $three control disconnect=1
    during broke_down $third $three control inject_fatal_streaming_error=1
    control inject_vidioc_streamon_error=1
    try refused $postern --frames 3 --config $third
    during stalled $third $three control percentage_of_dropped_buffers=100
    try silent $postern --frames 3 --config $third
}

control() { chroot /host v4l2-ctl --device $three --set-ctrl "$1"; }

# In the USB port, which the test serves.
webcams() {
    for model in usual range bgr garbled; do
        plug $model
        try $model $postern --frames 15 --config $webcam
        unplug
        await test ! -e $four
    done
    plug usual
    during pulled $webcam $four unplug
}

plug() {
    echo "$1" >/report/webcam
    await test -e $four
}

unplug() { : >/report/webcam; }

cameras_that_fail &
failing=$!
webcams &
plugged=$!
cameras_that_work
wait $failing $plugged

touch /report/complete
