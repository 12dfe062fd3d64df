import { syscallPosition } from '../syscalls.ts';

/**
 * The calls that programs make most: what they read, write, wait for and allocate. A filter is laid
 * out so that these are decided in the fewest steps. Names, because numbers differ.
 */
const hotCalls: readonly string[] = [
  'read',
  'write',
  'close',
  'openat',
  'fstat',
  'newfstatat',
  'lseek',
  'mmap',
  'mprotect',
  'munmap',
  'brk',
  'rt_sigaction',
  'rt_sigprocmask',
  'ioctl',
  'fcntl',
  'futex',
  'epoll_wait',
  'epoll_pwait',
  'poll',
  'ppoll',
  'recvmsg',
  'recvfrom',
  'sendmsg',
  'sendto',
  'clock_gettime',
  'clock_nanosleep',
];

/** How much more often a hot call is expected than any other. */
const HOT_WEIGHT = 32;

let hot: Set<number | undefined> | undefined;

/** How often a call, given by its `syscallPosition`, is expected, relative to the others. */
export function weightOf(position: number): number {
  hot ??= new Set(hotCalls.map(syscallPosition));
  return hot.has(position) ? HOT_WEIGHT : 1;
}
