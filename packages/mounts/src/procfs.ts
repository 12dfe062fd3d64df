import { compare, type Fd, type Kernel, PROC_SUPER_MAGIC, type Relation } from '@oci/kernel';

const STATFS_SIZE = 120;

/** Where something may be mounted in a procfs: lxcfs and CRIU do (runc, `checkProcMount`). */
const mountableInProc: ReadonlySet<string> = new Set([
  'proc/cpuinfo',
  'proc/diskstats',
  'proc/meminfo',
  'proc/stat',
  'proc/swaps',
  'proc/uptime',
  'proc/loadavg',
  'proc/slabinfo',
  'proc/net/dev',
  'proc/sys/kernel/ns_last_pid',
]);

/** Whether a destination names something in /proc that must not be covered. */
export function coversProc(path: string): boolean {
  return path.startsWith('proc/') && !mountableInProc.has(path);
}

function failWhen(k: Kernel, fd: Fd, relation: Relation, message: string): void {
  const statfs = k.memory('statfs', STATFS_SIZE);
  k.fstatfs(fd, statfs);
  k.when(compare(k.load(statfs, 0, 8), relation, PROC_SUPER_MAGIC), () => k.fail(message));
}

/** Programs trust what they find in /proc, and this runtime does. */
export function requireProcfs(
  k: Kernel,
  fd: Fd,
  message = 'only a procfs may be mounted on /proc',
): void {
  failWhen(k, fd, '!=', message);
}

/**
 * A symbolic link in the image may lead a destination into a procfs that was mounted before, and
 * the mount would then take /proc/self/attr and the like from the runtime (CVE-2019-16884).
 */
export function refuseProcfs(k: Kernel, path: string, target: Fd): void {
  if (mountableInProc.has(path)) return;
  failWhen(k, target, '==', 'the destination is inside a procfs');
}
