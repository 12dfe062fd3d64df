import type { FlagSet } from './flags.ts';
import {
  F_ADD_SEALS,
  F_SETFD,
  F_SETFL,
  PR_CAP_AMBIENT,
  PR_CAPBSET_DROP,
  PR_CAPBSET_READ,
  PR_SET_NAME,
  PR_SET_PDEATHSIG,
  TIOC,
  TIOCGPTPEER,
} from './generated/constants.ts';
import type { SyscallName } from './generated/syscalls.ts';

/** How an argument is written: by a constant set, or in one of these ways. */
export type ArgumentKind = FlagSet | 'device' | 'dirfd' | 'hex' | 'octal';

/** An argument's name, and how it is written where that is not a plain number or text. */
export type ArgumentSpec = Lowercase<string> | `${Lowercase<string>}:${ArgumentKind}`;

export type Signature = readonly ArgumentSpec[];

/**
 * The arguments of the system calls that this package makes, and of those its users add most, by
 * the names of their man pages. Names that end in `dirfd` may be `AT_FDCWD`. Arguments that mostly
 * are zero are left out, and so are then their zeros when a call is written.
 */
export const signatures: { readonly [Call in SyscallName]?: Signature } = {
  // Files
  openat2: ['dirfd', 'path', 'how', 'size'],
  openat: ['dirfd', 'path', 'flags:O', 'mode:octal'],
  close: ['fd'],
  close_range: ['first', 'last', 'flags:CLOSE_RANGE'],
  dup3: ['oldfd', 'newfd', 'flags:O'],
  fcntl: ['fd', 'command:F'],
  flock: ['fd', 'operation:LOCK'],
  read: ['fd', 'buffer', 'count'],
  write: ['fd', 'buffer', 'count'],
  pipe2: ['ends', 'flags:O'],
  mkdirat: ['dirfd', 'path', 'mode:octal'],
  mknodat: ['dirfd', 'path', 'mode:S', 'device:device'],
  symlinkat: ['target', 'newdirfd', 'linkpath'],
  linkat: ['olddirfd', 'oldpath', 'newdirfd', 'newpath', 'flags:AT'],
  unlinkat: ['dirfd', 'path', 'flags:AT'],
  renameat2: ['olddirfd', 'oldpath', 'newdirfd', 'newpath', 'flags:RENAME'],
  readlinkat: ['dirfd', 'path', 'buffer', 'size'],
  fchmod: ['fd', 'mode:octal'],
  fchmodat: ['dirfd', 'path', 'mode:octal'],
  fchown: ['fd', 'owner', 'group'],
  fchownat: ['dirfd', 'path', 'owner', 'group', 'flags:AT'],
  faccessat2: ['dirfd', 'path', 'mode:ACCESS', 'flags:AT_ACCESS'],
  statx: ['dirfd', 'path', 'flags:AT', 'mask:STATX', 'buffer'],
  fstatfs: ['fd', 'buffer'],
  ftruncate: ['fd', 'length'],
  getdents64: ['fd', 'buffer', 'count'],
  lseek: ['fd', 'offset', 'whence'],
  sendfile: ['out', 'in', 'offset', 'count'],
  fsetxattr: ['fd', 'name', 'value', 'size', 'flags'],
  chdir: ['path'],
  fchdir: ['fd'],
  chroot: ['path'],
  umask: ['mask:octal'],
  memfd_create: ['name', 'flags:MFD'],
  eventfd2: ['initial', 'flags:O'],
  ioctl: ['fd', 'request:hex', 'argument'],
  // Mounts
  fsopen: ['type', 'flags:FSOPEN'],
  fspick: ['dirfd', 'path', 'flags:FSPICK'],
  fsconfig: ['fd', 'command:FSCONFIG', 'key', 'value', 'auxiliary:dirfd'],
  fsmount: ['fd', 'flags:FSMOUNT', 'attributes:MOUNT_ATTR'],
  open_tree: ['dirfd', 'path', 'flags:OPEN_TREE'],
  move_mount: ['from_dirfd', 'from_path', 'to_dirfd', 'to_path', 'flags:MOVE_MOUNT'],
  mount_setattr: ['dirfd', 'path', 'flags:AT', 'attributes', 'size'],
  mount: ['source', 'target', 'type', 'flags:MS', 'data'],
  umount2: ['target', 'flags:MNT'],
  pivot_root: ['new_root', 'put_old'],
  // Processes
  clone3: ['args', 'size'],
  unshare: ['flags:CLONE'],
  setns: ['fd', 'type:CLONE'],
  execve: ['path', 'argv', 'envp'],
  execveat: ['dirfd', 'path', 'argv', 'envp', 'flags:AT'],
  exit_group: ['status'],
  getpid: [],
  getppid: [],
  gettid: [],
  setsid: [],
  setpgid: ['pid', 'group'],
  waitid: ['idtype:P', 'id', 'info', 'options:W', 'usage'],
  wait4: ['pid', 'status', 'options:W', 'usage'],
  kill: ['pid', 'signal:SIG'],
  tgkill: ['group', 'thread', 'signal:SIG'],
  pidfd_open: ['pid', 'flags:O'],
  pidfd_getfd: ['pidfd', 'fd', 'flags'],
  pidfd_send_signal: ['pidfd', 'signal:SIG', 'info', 'flags'],
  rt_sigaction: ['signal:SIG', 'action', 'old', 'size'],
  rt_sigprocmask: ['how:SIG_HOW', 'set', 'old', 'size'],
  rt_sigtimedwait: ['set', 'info', 'timeout', 'size'],
  signalfd4: ['fd', 'mask', 'size', 'flags:O'],
  prctl: ['option:PR', 'argument'],
  prlimit64: ['pid', 'resource:RLIMIT', 'new', 'old'],
  futex: ['word', 'operation:FUTEX', 'value'],
  clock_gettime: ['clock:CLOCK', 'time'],
  clock_nanosleep: ['clock:CLOCK', 'flags', 'request', 'remain'],
  sched_setaffinity: ['pid', 'size', 'mask'],
  sched_setattr: ['pid', 'attributes', 'flags'],
  ioprio_set: ['which', 'who', 'priority:hex'],
  set_mempolicy: ['mode:hex', 'nodes', 'maximum'],
  // Identity and security
  setresuid: ['real', 'effective', 'saved'],
  setresgid: ['real', 'effective', 'saved'],
  setgroups: ['count', 'groups'],
  capset: ['header', 'data'],
  sethostname: ['name', 'length'],
  setdomainname: ['name', 'length'],
  keyctl: ['operation', 'argument'],
  personality: ['persona:hex'],
  seccomp: ['operation:SECCOMP', 'flags:SECCOMP_FILTER_FLAG', 'args'],
  bpf: ['command:BPF', 'attributes', 'size'],
  // Sockets and waiting
  socket: ['domain:AF', 'type:SOCK', 'protocol'],
  socketpair: ['domain:AF', 'type:SOCK', 'protocol', 'ends'],
  bind: ['fd', 'address', 'length'],
  connect: ['fd', 'address', 'length'],
  listen: ['fd', 'backlog'],
  accept4: ['fd', 'address', 'length', 'flags:SOCK'],
  setsockopt: ['fd', 'level', 'option', 'value', 'size'],
  sendmsg: ['fd', 'message', 'flags:MSG'],
  recvmsg: ['fd', 'message', 'flags:MSG'],
  sendto: ['fd', 'buffer', 'size', 'flags:MSG', 'address', 'length'],
  recvfrom: ['fd', 'buffer', 'size', 'flags:MSG', 'address', 'length'],
  ppoll: ['fds', 'count', 'timeout', 'mask', 'size'],
};

/** Where one argument decides what the others mean: its place, its value, what the rest then is. */
export interface Variant {
  readonly place: number;
  readonly value: number;
  readonly signature: Signature;
}

export const variants: { readonly [Call in SyscallName]?: readonly Variant[] } = {
  fcntl: [
    { place: 1, value: F_SETFD, signature: ['fd', 'command:F', 'flags:FD'] },
    { place: 1, value: F_SETFL, signature: ['fd', 'command:F', 'flags:O'] },
    { place: 1, value: F_ADD_SEALS, signature: ['fd', 'command:F', 'seals:SEAL'] },
  ],
  ioctl: Object.values(TIOC).map((value) => ({
    place: 1,
    value,
    signature: ['fd', 'request:TIOC', value === TIOCGPTPEER ? 'flags:O' : 'argument'],
  })),
  prctl: [
    { place: 0, value: PR_SET_PDEATHSIG, signature: ['option:PR', 'signal:SIG'] },
    { place: 0, value: PR_SET_NAME, signature: ['option:PR', 'name'] },
    { place: 0, value: PR_CAPBSET_READ, signature: ['option:PR', 'capability:CAP'] },
    { place: 0, value: PR_CAPBSET_DROP, signature: ['option:PR', 'capability:CAP'] },
    {
      place: 0,
      value: PR_CAP_AMBIENT,
      signature: ['option:PR', 'operation:PR_CAP_AMBIENT', 'capability:CAP'],
    },
  ],
};

/** How fields are written whose struct does not say, by `struct.field`. */
export const fieldKinds: ReadonlyMap<string, ArgumentKind> = new Map([
  ['open_how.mode', 'octal'],
  ['clone_args.exit_signal', 'SIG'],
  ['sigset.bits', 'SIGSET'],
  ['sigaction.mask', 'SIGSET'],
  ['cap_header.version', 'CAPABILITY'],
  ['cap_data.effective', 'hex'],
  ['cap_data.permitted', 'hex'],
  ['cap_data.inheritable', 'hex'],
]);
