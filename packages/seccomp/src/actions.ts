import { errnoName } from '@oci/kernel';
import type { SeccompAction } from '@oci/spec';

/** `SECCOMP_RET_*` of linux/seccomp.h: the upper half is the action, the lower its data. */
const SECCOMP_RET_KILL_PROCESS = 0x8000_0000;
const SECCOMP_RET_KILL_THREAD = 0;
const SECCOMP_RET_TRAP = 0x0003_0000;
const SECCOMP_RET_ERRNO = 0x0005_0000;
const SECCOMP_RET_USER_NOTIF = 0x7fc0_0000;
const SECCOMP_RET_TRACE = 0x7ff0_0000;
const SECCOMP_RET_LOG = 0x7ffc_0000;
const SECCOMP_RET_ALLOW = 0x7fff_0000;

/** `SECCOMP_RET_ACTION_FULL` and `SECCOMP_RET_DATA`. */
const ACTION = 0xffff_0000;
const DATA = 0xffff;

/** linux/err.h: the largest number that a system call can return as an error. */
const MAX_ERRNO = 4095;

const EPERM = 1;
const ENOSYS = 38;

const returnValues: Record<SeccompAction, number> = {
  SCMP_ACT_KILL: SECCOMP_RET_KILL_THREAD,
  SCMP_ACT_KILL_THREAD: SECCOMP_RET_KILL_THREAD,
  SCMP_ACT_KILL_PROCESS: SECCOMP_RET_KILL_PROCESS,
  SCMP_ACT_TRAP: SECCOMP_RET_TRAP,
  SCMP_ACT_ERRNO: SECCOMP_RET_ERRNO,
  SCMP_ACT_NOTIFY: SECCOMP_RET_USER_NOTIF,
  SCMP_ACT_TRACE: SECCOMP_RET_TRACE,
  SCMP_ACT_LOG: SECCOMP_RET_LOG,
  SCMP_ACT_ALLOW: SECCOMP_RET_ALLOW,
};

const names = new Map([
  [SECCOMP_RET_KILL_THREAD, 'KILL_THREAD'],
  [SECCOMP_RET_KILL_PROCESS, 'KILL_PROCESS'],
  [SECCOMP_RET_TRAP, 'TRAP'],
  [SECCOMP_RET_ERRNO, 'ERRNO'],
  [SECCOMP_RET_USER_NOTIF, 'NOTIFY'],
  [SECCOMP_RET_TRACE, 'TRACE'],
  [SECCOMP_RET_LOG, 'LOG'],
  [SECCOMP_RET_ALLOW, 'ALLOW'],
]);

/** What libseccomp, and so runc and crun, do to calls of an architecture that is not in the filter. */
export const badArchitecture: number = SECCOMP_RET_KILL_THREAD;

/** What runc has calls return that are newer than the profile. */
export const noSuchCall: number = SECCOMP_RET_ERRNO + ENOSYS;

/**
 * What a filter returns for an action.
 * @param errno the error number (`ERRNO`) or the message for the tracer (`TRACE`), 16 bits; EPERM
 *   unless given. Other actions have no such thing.
 */
export function returnValue(action: SeccompAction, errno: number = EPERM): number {
  const value = returnValues[action];
  const takesData = action === 'SCMP_ACT_ERRNO' || action === 'SCMP_ACT_TRACE';
  return takesData ? value + (errno & DATA) : value;
}

/** What Linux takes a filter's return value for: larger error numbers become the largest there is. */
export function asLinuxTakesIt(value: number): number {
  const isErrno = (value & ACTION) === SECCOMP_RET_ERRNO;
  return isErrno ? SECCOMP_RET_ERRNO + Math.min(value & DATA, MAX_ERRNO) : value;
}

/** `ALLOW`, `ERRNO(EPERM)`, `TRACE(1)`: a filter's return value in words. */
export function describeReturn(value: number): string {
  const data = value & DATA;
  const name = names.get(value - data) ?? `0x${(value - data).toString(16)}`;
  if (name === 'ERRNO') return `ERRNO(${errnoName(data) ?? data})`;
  return data === 0 && name !== 'TRACE' ? name : `${name}(${data})`;
}
