# Runs as the container's first process. Shows what it sees beside what the host does.
# Arguments: on the host its hostname, user id, and how many processes, mounts and network devices.

row() {
  printf '  %-12s  %-20s  %s\n' "$@"
}

devices() {
  while IFS=: read -r name counters; do
    [ -n "$counters" ] && printf '%s ' "${name##* }"
  done </proc/net/dev
}

mountpoints() {
  while read -r _ point _; do
    case $point in
      /proc/* | /sys/*) ;; # masks
      *) printf '%s ' "$point" ;;
    esac
  done </proc/self/mounts
}

count() {
  echo $#
}

row '' 'in the container' 'on this machine'
row hostname "$(cat /proc/sys/kernel/hostname)" "$1"
row 'process id' $$ '–'
row user "$(id -u)" "$2"
row processes "$(count /proc/[0-9]*)" "$3"
row mounts "$(($(wc -l </proc/self/mounts)))" "$4"
row network "$(devices)" "$5"
echo
echo "  Its mounts: $(mountpoints)"
