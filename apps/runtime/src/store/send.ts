import { closeSync } from 'node:fs';
import { failedWith } from '@oci/kernel';
import type { StoreKernel } from './kernel.ts';
import type { ProcessIdentity, ProcessTable } from './processes.ts';

/**
 * Signals this very process and no later one of the same number: through a descriptor of the
 * process, checked after it is open.
 *
 * @returns false when the process is gone.
 */
export function signalProcess(
  kernel: StoreKernel,
  processes: ProcessTable,
  process: ProcessIdentity,
  signal: number,
): boolean {
  const isThis = () => processes.isAlive(process);
  return signalIf(kernel, process.pid, signal, isThis);
}

/**
 * Signals every process of a pid namespace that this user may see.
 *
 * @returns how many were signalled.
 */
export function signalNamespace(
  kernel: StoreKernel,
  processes: ProcessTable,
  namespace: string,
  signal: number,
): number {
  const isMember = (pid: number) => processes.pidNamespace(pid) === namespace;
  return processes
    .pids()
    .filter(isMember)
    .filter((pid) => signalIf(kernel, pid, signal, () => isMember(pid))).length;
}

function signalIf(
  kernel: StoreKernel,
  pid: number,
  signal: number,
  isIntended: () => boolean,
): boolean {
  let pidfd: number | undefined;
  try {
    // Live, a descriptor is a number.
    pidfd = Number(kernel.pidfd_open(pid));
    if (!isIntended()) return false;
    kernel.pidfd_send_signal(pidfd, signal);
    return true;
  } catch (error) {
    if (failedWith(error, 'ESRCH')) return false;
    throw error;
  } finally {
    if (pidfd !== undefined) closeSync(pidfd);
  }
}
