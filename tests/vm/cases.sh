# The cases, in the guest. Each leaves what `postern` said and its exit code in /report.
#
# A camera is vivid, the kernel's own virtual V4L2 device.

now() { cut -d ' ' -f 1 /proc/uptime; }

# Runs a command and keeps its output, exit code and times: try NAME COMMAND...
try() {
    name=$1
    shift
    start=$(now)
    timeout 30 "$@" >"/report/$name.out" 2>"/report/$name.err"
    echo "$? $start $(now)" >"/report/$name.status"
    echo "case $name: $(cat "/report/$name.status") $(tail -n 1 "/report/$name.out") $(tail -n 1 "/report/$name.err")"
}

# Waits until a command succeeds, ten seconds at most.
await() {
    for _ in $(seq 100); do
        "$@" && return
        sleep 0.1
    done
    echo "not within ten seconds: $*"
}

# A configuration for the camera of that name, or any: configure FILE [NAME]
configure() {
    {
        echo 'data_dir = "/mnt/data"'
        echo 'models_dir = "/mnt/models"'
        echo '[camera]'
        echo 'source = "device"'
        [ -n "$2" ] && echo "name = \"$2\""
    } >"/host/mnt/$1"
}

# Whether a process has the buffers of a camera mapped, that is, streams from it.
streams() { grep -q "$1" /proc/[0-9]*/maps 2>/dev/null; }

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
    echo "$? $start $(now)" >"/report/$name.status"
    echo "case $name: $(cat "/report/$name.status") $(tail -n 1 "/report/$name.err")"
}

postern="chroot /host /mnt/bin/postern camera"
configure any.toml
configure first.toml vivid-000
configure second.toml vivid-001
any=/mnt/any.toml first=/mnt/first.toml second=/mnt/second.toml

try none $postern --frames 30 --config $any

for module in /late/*; do
    case $module in
    *vivid*) insmod "$module" n_devs=2 node_types=0x1,0x1 ;;
    *) insmod "$module" ;;
    esac
done

#CUT
# Webcams, which the test serves by USB.
plug() {
    echo "$1" >/report/webcam
    await test -e /dev/video0
}
unplug() { : >/report/webcam; }

echo vivid.0 >/sys/bus/platform/drivers/vivid/unbind
for webcam in mjpeg; do
    plug $webcam
    try $webcam $postern --frames 30 --config $any
    unplug
    await test ! -e /dev/video0
done
plug mjpeg
during pulled $any /dev/video0 unplug
try gone $postern --frames 3 --config $any

touch /report/complete
