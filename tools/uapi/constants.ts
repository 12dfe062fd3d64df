/** The constants that packages use, by the flag set or enumeration they belong to. */
export const constantGroups: Record<string, { headers: string[]; names: string[] }> = {
  O: {
    headers: ['linux/fcntl.h'],
    names: `O_RDONLY O_WRONLY O_RDWR O_CREAT O_EXCL O_NOCTTY O_TRUNC O_APPEND O_NONBLOCK O_DIRECTORY
      O_NOFOLLOW O_CLOEXEC O_PATH O_TMPFILE`.split(/\s+/),
  },
  AT: {
    headers: ['linux/fcntl.h'],
    names: `AT_FDCWD AT_SYMLINK_NOFOLLOW AT_SYMLINK_FOLLOW AT_EACCESS AT_REMOVEDIR AT_EMPTY_PATH
      AT_RECURSIVE AT_NO_AUTOMOUNT`.split(/\s+/),
  },
  F: {
    headers: ['linux/fcntl.h'],
    names: 'F_DUPFD F_GETFD F_SETFD F_GETFL F_SETFL F_ADD_SEALS F_DUPFD_CLOEXEC'.split(' '),
  },
  SEAL: {
    headers: ['linux/fcntl.h'],
    names: 'F_SEAL_SEAL F_SEAL_SHRINK F_SEAL_GROW F_SEAL_WRITE'.split(' '),
  },
  FD: { headers: ['linux/fcntl.h'], names: ['FD_CLOEXEC'] },
  ACCESS: { headers: ['unistd.h'], names: 'F_OK X_OK W_OK R_OK'.split(' ') },
  RESOLVE: {
    headers: ['linux/openat2.h'],
    names:
      'RESOLVE_NO_XDEV RESOLVE_NO_MAGICLINKS RESOLVE_NO_SYMLINKS RESOLVE_BENEATH RESOLVE_IN_ROOT'.split(
        ' ',
      ),
  },
  S: {
    headers: ['linux/stat.h'],
    names: 'S_IFMT S_IFCHR S_IFBLK S_IFIFO S_IFREG S_IFDIR S_IFLNK S_IFSOCK'.split(' '),
  },
  STATX: {
    headers: ['linux/stat.h'],
    names:
      'STATX_TYPE STATX_MODE STATX_NLINK STATX_UID STATX_GID STATX_INO STATX_SIZE STATX_MNT_ID'.split(
        ' ',
      ),
  },
  MS: {
    headers: ['linux/mount.h'],
    names: `MS_RDONLY MS_NOSUID MS_NODEV MS_NOEXEC MS_SYNCHRONOUS MS_REMOUNT MS_MANDLOCK MS_DIRSYNC
      MS_NOSYMFOLLOW MS_NOATIME MS_NODIRATIME MS_BIND MS_MOVE MS_REC MS_SILENT MS_UNBINDABLE MS_PRIVATE
      MS_SLAVE MS_SHARED MS_RELATIME MS_I_VERSION MS_STRICTATIME MS_LAZYTIME MS_POSIXACL`.split(
      /\s+/,
    ),
  },
  MNT: {
    headers: ['sys/mount.h'],
    names: 'MNT_FORCE MNT_DETACH MNT_EXPIRE UMOUNT_NOFOLLOW'.split(' '),
  },
  OPEN_TREE: {
    headers: ['linux/mount.h', 'linux/fcntl.h'],
    names: 'OPEN_TREE_CLONE OPEN_TREE_CLOEXEC'.split(' '),
  },
  MOVE_MOUNT: {
    headers: ['linux/mount.h'],
    names:
      'MOVE_MOUNT_F_SYMLINKS MOVE_MOUNT_F_AUTOMOUNTS MOVE_MOUNT_F_EMPTY_PATH MOVE_MOUNT_T_SYMLINKS MOVE_MOUNT_T_AUTOMOUNTS MOVE_MOUNT_T_EMPTY_PATH MOVE_MOUNT_SET_GROUP'.split(
        ' ',
      ),
  },
  FSOPEN: { headers: ['linux/mount.h'], names: ['FSOPEN_CLOEXEC'] },
  FSMOUNT: { headers: ['linux/mount.h'], names: ['FSMOUNT_CLOEXEC'] },
  FSPICK: {
    headers: ['linux/mount.h'],
    names: 'FSPICK_CLOEXEC FSPICK_SYMLINK_NOFOLLOW FSPICK_NO_AUTOMOUNT FSPICK_EMPTY_PATH'.split(
      ' ',
    ),
  },
  FSCONFIG: {
    headers: ['linux/mount.h'],
    names:
      'FSCONFIG_SET_FLAG FSCONFIG_SET_STRING FSCONFIG_SET_BINARY FSCONFIG_SET_PATH FSCONFIG_SET_PATH_EMPTY FSCONFIG_SET_FD FSCONFIG_CMD_CREATE FSCONFIG_CMD_RECONFIGURE'.split(
        ' ',
      ),
  },
  MOUNT_ATTR: {
    headers: ['linux/mount.h'],
    names: `MOUNT_ATTR_RDONLY MOUNT_ATTR_NOSUID MOUNT_ATTR_NODEV MOUNT_ATTR_NOEXEC MOUNT_ATTR__ATIME
      MOUNT_ATTR_RELATIME MOUNT_ATTR_NOATIME MOUNT_ATTR_STRICTATIME MOUNT_ATTR_NODIRATIME MOUNT_ATTR_IDMAP
      MOUNT_ATTR_NOSYMFOLLOW`.split(/\s+/),
  },
  CLONE: {
    headers: ['linux/sched.h'],
    names:
      `CLONE_VM CLONE_FS CLONE_FILES CLONE_SIGHAND CLONE_PIDFD CLONE_VFORK CLONE_PARENT CLONE_THREAD
      CLONE_NEWNS CLONE_SYSVSEM CLONE_CHILD_CLEARTID CLONE_NEWCGROUP CLONE_NEWUTS CLONE_NEWIPC CLONE_NEWUSER
      CLONE_NEWPID CLONE_NEWNET CLONE_NEWTIME CLONE_CLEAR_SIGHAND CLONE_INTO_CGROUP`.split(/\s+/),
  },
  SIG: {
    headers: ['signal.h'],
    names:
      `SIGHUP SIGINT SIGQUIT SIGILL SIGTRAP SIGABRT SIGBUS SIGFPE SIGKILL SIGUSR1 SIGSEGV SIGUSR2 SIGPIPE
      SIGALRM SIGTERM SIGSTKFLT SIGCHLD SIGCONT SIGSTOP SIGTSTP SIGTTIN SIGTTOU SIGURG SIGXCPU SIGXFSZ SIGVTALRM
      SIGPROF SIGWINCH SIGIO SIGPWR SIGSYS`.split(/\s+/),
  },
  SIG_HOW: { headers: ['signal.h'], names: 'SIG_BLOCK SIG_UNBLOCK SIG_SETMASK'.split(' ') },
  W: {
    headers: ['linux/wait.h'],
    names: 'WNOHANG WSTOPPED WEXITED WCONTINUED WNOWAIT __WALL P_ALL P_PID P_PGID P_PIDFD'.split(
      ' ',
    ),
  },
  CLD: { headers: ['signal.h'], names: 'CLD_EXITED CLD_KILLED CLD_DUMPED'.split(' ') },
  PR: {
    headers: ['linux/prctl.h'],
    names:
      `PR_SET_PDEATHSIG PR_GET_DUMPABLE PR_SET_DUMPABLE PR_SET_KEEPCAPS PR_SET_NAME PR_CAPBSET_READ
      PR_CAPBSET_DROP PR_SET_SECUREBITS PR_SET_CHILD_SUBREAPER PR_SET_NO_NEW_PRIVS PR_GET_NO_NEW_PRIVS
      PR_CAP_AMBIENT PR_CAP_AMBIENT_IS_SET PR_CAP_AMBIENT_RAISE PR_CAP_AMBIENT_LOWER PR_CAP_AMBIENT_CLEAR_ALL`.split(
        /\s+/,
      ),
  },
  RLIMIT: {
    headers: ['sys/resource.h'],
    names:
      `RLIMIT_CPU RLIMIT_FSIZE RLIMIT_DATA RLIMIT_STACK RLIMIT_CORE RLIMIT_RSS RLIMIT_NPROC RLIMIT_NOFILE
      RLIMIT_MEMLOCK RLIMIT_AS RLIMIT_LOCKS RLIMIT_SIGPENDING RLIMIT_MSGQUEUE RLIMIT_NICE RLIMIT_RTPRIO
      RLIMIT_RTTIME`.split(/\s+/),
  },
  CAP: {
    headers: ['linux/capability.h'],
    names:
      `CAP_CHOWN CAP_DAC_OVERRIDE CAP_DAC_READ_SEARCH CAP_FOWNER CAP_FSETID CAP_KILL CAP_SETGID CAP_SETUID
      CAP_SETPCAP CAP_LINUX_IMMUTABLE CAP_NET_BIND_SERVICE CAP_NET_BROADCAST CAP_NET_ADMIN CAP_NET_RAW CAP_IPC_LOCK
      CAP_IPC_OWNER CAP_SYS_MODULE CAP_SYS_RAWIO CAP_SYS_CHROOT CAP_SYS_PTRACE CAP_SYS_PACCT CAP_SYS_ADMIN
      CAP_SYS_BOOT CAP_SYS_NICE CAP_SYS_RESOURCE CAP_SYS_TIME CAP_SYS_TTY_CONFIG CAP_MKNOD CAP_LEASE CAP_AUDIT_WRITE
      CAP_AUDIT_CONTROL CAP_SETFCAP CAP_MAC_OVERRIDE CAP_MAC_ADMIN CAP_SYSLOG CAP_WAKE_ALARM CAP_BLOCK_SUSPEND
      CAP_AUDIT_READ CAP_PERFMON CAP_BPF CAP_CHECKPOINT_RESTORE`.split(/\s+/),
  },
  CAPABILITY: { headers: ['linux/capability.h'], names: ['_LINUX_CAPABILITY_VERSION_3'] },
  LOCK: { headers: ['sys/file.h'], names: 'LOCK_SH LOCK_EX LOCK_NB LOCK_UN'.split(' ') },
  AF: { headers: ['sys/socket.h'], names: 'AF_UNIX AF_INET AF_INET6 AF_NETLINK'.split(' ') },
  SOCK: {
    headers: ['sys/socket.h'],
    names: 'SOCK_STREAM SOCK_DGRAM SOCK_RAW SOCK_SEQPACKET SOCK_NONBLOCK SOCK_CLOEXEC'.split(' '),
  },
  SCM: { headers: ['sys/socket.h'], names: ['SCM_RIGHTS'] },
  SECCOMP: {
    headers: ['linux/seccomp.h'],
    names: 'SECCOMP_SET_MODE_FILTER SECCOMP_GET_ACTION_AVAIL'.split(' '),
  },
  SECCOMP_FILTER_FLAG: {
    headers: ['linux/seccomp.h'],
    names: `SECCOMP_FILTER_FLAG_TSYNC SECCOMP_FILTER_FLAG_LOG SECCOMP_FILTER_FLAG_SPEC_ALLOW
      SECCOMP_FILTER_FLAG_NEW_LISTENER SECCOMP_FILTER_FLAG_TSYNC_ESRCH
      SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV`.split(/\s+/),
  },
  MSG: {
    headers: ['sys/socket.h'],
    names: 'MSG_DONTWAIT MSG_NOSIGNAL MSG_WAITALL MSG_CMSG_CLOEXEC'.split(' '),
  },
  SO: { headers: ['sys/socket.h'], names: 'SOL_SOCKET SO_RCVTIMEO'.split(' ') },
  IFF: { headers: ['net/if.h'], names: 'IFF_UP IFF_LOOPBACK IFF_RUNNING'.split(' ') },
  SIOC: {
    headers: ['linux/sockios.h'],
    names: 'SIOCGIFFLAGS SIOCSIFFLAGS SIOCGIFINDEX'.split(' '),
  },
  TIOC: {
    headers: ['asm/ioctls.h', 'linux/ioctl.h'],
    names: 'TCGETS TCSETS TIOCSCTTY TIOCGWINSZ TIOCSWINSZ TIOCSPTLCK TIOCGPTPEER'.split(' '),
  },
  IFLAG: {
    headers: ['asm/termbits.h'],
    names: 'IGNBRK BRKINT PARMRK ISTRIP INLCR IGNCR ICRNL IXON'.split(' '),
  },
  OFLAG: { headers: ['asm/termbits.h'], names: ['OPOST', 'ONLCR'] },
  CFLAG: { headers: ['asm/termbits.h'], names: ['CS8', 'PARENB'] },
  LFLAG: { headers: ['asm/termbits.h'], names: 'ISIG ICANON ECHO ECHONL IEXTEN'.split(' ') },
  CC: { headers: ['asm/termbits.h'], names: ['VTIME', 'VMIN'] },
  POLL: { headers: ['poll.h'], names: 'POLLIN POLLOUT'.split(' ') },
  NS: { headers: ['linux/nsfs.h'], names: ['NS_GET_NSTYPE'] },
  NETLINK: { headers: ['linux/netlink.h'], names: ['NETLINK_ROUTE'] },
  NLMSG: { headers: ['linux/netlink.h'], names: 'NLMSG_ERROR NLMSG_DONE'.split(' ') },
  NLM_F: {
    headers: ['linux/netlink.h'],
    names: 'NLM_F_REQUEST NLM_F_ACK NLM_F_DUMP NLM_F_EXCL NLM_F_CREATE'.split(' '),
  },
  RTM: {
    headers: ['linux/rtnetlink.h'],
    names: 'RTM_NEWLINK RTM_NEWADDR RTM_GETADDR'.split(' '),
  },
  RT_SCOPE: { headers: ['linux/rtnetlink.h'], names: ['RT_SCOPE_UNIVERSE'] },
  IFLA: {
    headers: ['linux/if_link.h'],
    names: 'IFLA_IFNAME IFLA_NET_NS_PID IFLA_NET_NS_FD IFLA_NEW_IFINDEX'.split(' '),
  },
  IFA: { headers: ['linux/if_addr.h'], names: 'IFA_UNSPEC IFA_LABEL'.split(' ') },
  IFA_F: { headers: ['linux/if_addr.h'], names: ['IFA_F_PERMANENT'] },
  BPF: {
    headers: ['linux/bpf.h'],
    names:
      'BPF_PROG_LOAD BPF_PROG_ATTACH BPF_PROG_DETACH BPF_PROG_GET_FD_BY_ID BPF_PROG_QUERY'.split(
        ' ',
      ),
  },
  BPF_PROG_TYPE: { headers: ['linux/bpf.h'], names: ['BPF_PROG_TYPE_CGROUP_DEVICE'] },
  BPF_ATTACH: { headers: ['linux/bpf.h'], names: ['BPF_CGROUP_DEVICE'] },
  BPF_F: { headers: ['linux/bpf.h'], names: ['BPF_F_ALLOW_MULTI'] },
  CLOSE_RANGE: {
    headers: ['linux/close_range.h'],
    names: 'CLOSE_RANGE_UNSHARE CLOSE_RANGE_CLOEXEC'.split(' '),
  },
  MFD: { headers: ['linux/memfd.h'], names: 'MFD_CLOEXEC MFD_ALLOW_SEALING'.split(' ') },
  FUTEX: { headers: ['linux/futex.h'], names: 'FUTEX_WAIT FUTEX_WAKE'.split(' ') },
  RENAME: { headers: ['linux/fs.h'], names: 'RENAME_NOREPLACE RENAME_EXCHANGE'.split(' ') },
  CLOCK: {
    headers: ['linux/time.h'],
    names: 'CLOCK_REALTIME CLOCK_MONOTONIC CLOCK_BOOTTIME'.split(' '),
  },
  MAGIC: {
    headers: ['linux/magic.h'],
    names:
      'PROC_SUPER_MAGIC SYSFS_MAGIC TMPFS_MAGIC CGROUP_SUPER_MAGIC CGROUP2_SUPER_MAGIC NSFS_MAGIC OVERLAYFS_SUPER_MAGIC DEVPTS_SUPER_MAGIC'.split(
        ' ',
      ),
  },
};
