import { CLONE_VFORK, CLONE_VM, SIGCHLD } from './generated/constants.ts';
import type { Memory } from './memory.ts';
import type { Argument } from './struct.ts';
import { type Field, Struct } from './struct.ts';
import type { Fd, Value } from './values.ts';

type Row = readonly [name: string, width: 1 | 2 | 4 | 8, value: Argument, flags?: string];

/** Lays rows out one after the other, as a packed C struct without padding. */
function packed(name: string, rows: readonly Row[]): Struct {
  let offset = 0;
  const fields = rows.map(([field, width, value, flags]): Field => {
    const at = offset;
    offset += width;
    return {
      name: field,
      offset: at,
      width,
      value,
      ...(flags === undefined ? {} : { flags }),
    };
  });
  return new Struct(name, offset, fields);
}

/** `struct clone_args` (clone3(2)), its first 64 bytes or, with a cgroup, all 88. */
export interface CloneArgs {
  /** CLONE_* bits without the exit signal. */
  readonly flags: number | bigint;
  /** Where the kernel stores the pidfd (CLONE_PIDFD): four bytes. */
  readonly pidfd?: Memory;
  /** The signal that the parent gets when the child ends. */
  readonly exitSignal?: number;
  /** A cgroup v2 directory (CLONE_INTO_CGROUP, Linux 5.7). */
  readonly cgroup?: Fd;
}

export function cloneArgs(args: CloneArgs): Struct {
  return packed('clone_args', [
    ['flags', 8, args.flags, 'CLONE'],
    ['pidfd', 8, args.pidfd ?? 0],
    ['child_tid', 8, 0],
    ['parent_tid', 8, 0],
    ['exit_signal', 8, args.exitSignal ?? 0],
    ['stack', 8, 0],
    ['stack_size', 8, 0],
    ['tls', 8, 0],
    ...(args.cgroup === undefined
      ? []
      : ([
          ['set_tid', 8, 0],
          ['set_tid_size', 8, 0],
          ['cgroup', 8, args.cgroup],
        ] as const)),
  ]);
}

/** What vfork(2) is in terms of clone3(2). */
export function vforkArgs(): Struct {
  return cloneArgs({ flags: CLONE_VM | CLONE_VFORK, exitSignal: SIGCHLD });
}

/** `struct open_how` (openat2(2)): 24 bytes. */
export function openHow(flags: number, mode: number, resolve: number): Struct {
  return packed('open_how', [
    ['flags', 8, flags, 'O'],
    ['mode', 8, mode],
    ['resolve', 8, resolve, 'RESOLVE'],
  ]);
}

/** `struct mount_attr` (mount_setattr(2)): 32 bytes. */
export interface MountAttributes {
  /** MOUNT_ATTR_* to set. */
  readonly set?: number;
  /** MOUNT_ATTR_* to clear. */
  readonly clear?: number;
  /** One of MS_PRIVATE, MS_SLAVE, MS_SHARED, MS_UNBINDABLE. */
  readonly propagation?: number;
  /** A user namespace, with MOUNT_ATTR_IDMAP set. */
  readonly userns?: Fd;
}

export function mountAttr(attributes: MountAttributes): Struct {
  return packed('mount_attr', [
    ['attr_set', 8, attributes.set ?? 0, 'MOUNT_ATTR'],
    ['attr_clr', 8, attributes.clear ?? 0, 'MOUNT_ATTR'],
    ['propagation', 8, attributes.propagation ?? 0, 'MS'],
    ['userns_fd', 8, attributes.userns ?? 0],
  ]);
}

/** `struct rlimit64` (prlimit(2)): 16 bytes. RLIM_INFINITY is 2^64 - 1. */
export function rlimit(soft: Value, hard: Value): Struct {
  return packed('rlimit64', [
    ['rlim_cur', 8, soft],
    ['rlim_max', 8, hard],
  ]);
}

/** `struct __user_cap_header_struct` (capset(2)), version 3, of the calling thread: 8 bytes. */
export function capabilityHeader(version: number): Struct {
  return packed('cap_header', [
    ['version', 4, version],
    ['pid', 4, 0],
  ]);
}

/** Three sets of capabilities as bit masks: bit n is capability n. */
export interface CapabilityMasks {
  readonly effective: bigint;
  readonly permitted: bigint;
  readonly inheritable: bigint;
}

/** `struct __user_cap_data_struct[2]` (capset(2)), version 3: low words first, 24 bytes. */
export function capabilityData(masks: CapabilityMasks): Struct {
  const half = (shift: bigint): Row[] => [
    ['effective', 4, (masks.effective >> shift) & 0xffffffffn],
    ['permitted', 4, (masks.permitted >> shift) & 0xffffffffn],
    ['inheritable', 4, (masks.inheritable >> shift) & 0xffffffffn],
  ];
  return packed('cap_data', [...half(0n), ...half(32n)]);
}

/** `struct sigaction` as the kernel takes it (rt_sigaction(2)): SIG_DFL, no flags, empty mask. */
export function defaultAction(): Struct {
  return packed('sigaction', [
    ['handler', 8, 0],
    ['flags', 8, 0],
    ['restorer', 8, 0],
    ['mask', 8, 0],
  ]);
}

/** A kernel `sigset_t`: 8 bytes, bit n-1 for signal n. */
export function signalSet(signals: readonly number[]): Struct {
  const mask = signals.reduce((bits, signal) => bits | (1n << BigInt(signal - 1)), 0n);
  return packed('sigset', [['bits', 8, mask]]);
}

/** `struct timespec`: 16 bytes. */
export function timespec(seconds: Value, nanoseconds: Value): Struct {
  return packed('timespec', [
    ['tv_sec', 8, seconds],
    ['tv_nsec', 8, nanoseconds],
  ]);
}

/** `struct timeval`, of whole seconds: 16 bytes. */
export function timeval(seconds: Value): Struct {
  return packed('timeval', [
    ['tv_sec', 8, seconds],
    ['tv_usec', 8, 0],
  ]);
}

/** A list of 32-bit group ids, as setgroups(2) takes it. */
export function groupList(groups: readonly number[]): Struct {
  return packed(
    'gid_t[]',
    groups.map((group, index): Row => [`[${index}]`, 4, group]),
  );
}

/** `struct ifreq` with flags (netdevice(7)): 40 bytes, the name in the first 16. */
export function interfaceFlags(name: string, flags: number): Struct {
  const [low, high] = interfaceName(name);
  return new Struct('ifreq', 40, [
    { name: 'ifr_name', offset: 0, width: 8, value: low },
    { name: 'ifr_name', offset: 8, width: 8, value: high },
    { name: 'ifr_flags', offset: 16, width: 2, value: flags, flags: 'IFF' },
  ]);
}

/** The name of a network device as the two words of an `ifr_name`: at most 15 bytes and a NUL. */
export function interfaceName(name: string): readonly [low: bigint, high: bigint] {
  const bytes = Buffer.alloc(16);
  bytes.write(name, 0, 15);
  return [bytes.readBigUInt64LE(0), bytes.readBigUInt64LE(8)];
}
