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

for i in 1 2 3 4; do try none$i $postern --frames 3 --config $any; done
now
try stat chroot /host env LD_DEBUG=statistics /mnt/bin/postern camera --frames 3 --config $any
head -12 /report/stat.err
now
try help chroot /host /bin/true
now

touch /report/complete
