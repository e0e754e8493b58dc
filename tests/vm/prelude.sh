# What the scripts share. A case leaves what its program said, its exit code and its times in
# /report.

now() { cut -d ' ' -f 1 /proc/uptime; }

# finish NAME EXIT-CODE START
finish() {
    echo "$2 $3 $(now)" >"/report/$1.status"
    echo "$1, $3 to $(now) s: exit code $2:" $(tail -qn 1 "/report/$1.out" "/report/$1.err")
}

# Runs a command: try NAME COMMAND...
try() {
    name=$1
    shift
    start=$(now)
    timeout "${limit:-30}" "$@" >"/report/$name.out" 2>"/report/$name.err"
    finish "$name" $? "$start"
}

# Waits until a command succeeds, twenty seconds at most.
await() {
    for _ in $(seq 200); do
        "$@" && return
        sleep 0.1
    done
    echo "not within twenty seconds: $*"
}

# Loads the drivers of cameras; `vivid` with these parameters.
drivers() {
    for module in /late/*; do
        case $module in
        *vivid*) [ $# -gt 0 ] && insmod "$module" "$@" ;;
        *) insmod "$module" ;;
        esac
    done
}
