import { readdirSync, readFileSync } from 'node:fs';

/** @returns the process and everything below it */
export function processTree(root: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    const parent = pid > 0 ? Number(statusField(pid, 'PPid')) : 0;
    if (parent > 0) parents.set(pid, parent);
  }
  const tree = [root];
  for (const pid of tree) {
    for (const [child, parent] of parents) if (parent === pid) tree.push(child);
  }
  return tree;
}

/** Whether a process has a pid namespace of its own, below ours: it is the container. */
export function isInContainer(pid: number): boolean {
  const here = statusField(process.pid, 'NSpid')?.split(/\s+/).length ?? 1;
  return (statusField(pid, 'NSpid')?.split(/\s+/).length ?? 0) > here;
}

/**
 * Bytes that the processes have resident, counted from their page tables: VmRSS in `status`, which
 * should say the same, is an estimate before Linux 6.16, and off by more than a launcher has.
 */
export function residentSize(pids: readonly number[]): number {
  return pids.map(rss).reduce((sum, size) => sum + size, 0);
}

function rss(pid: number): number {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  return Number(rollup.match(/^Rss:\s*(\d+) kB/m)?.[1]) * 1024;
}

function statusField(pid: number, field: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8').match(
      new RegExp(`^${field}:\\s*(.*)$`, 'm'),
    )?.[1];
  } catch {
    return undefined; // It has ended meanwhile.
  }
}
