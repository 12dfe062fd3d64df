import { failedWith } from '@oci/kernel';
import { CgroupFiles } from './files.ts';

/** The processes in a cgroup and in all below it, in order. */
export function processesBelow(directory: string): number[] {
  const found = new Set<number>();
  const visit = (files: CgroupFiles) => {
    for (const pid of processesIn(files)) found.add(pid);
    for (const child of files.children()) visit(new CgroupFiles(child));
  };
  visit(new CgroupFiles(directory));
  // 0 stands for one of another pid namespace.
  return [...found].filter((pid) => pid > 0).sort((a, b) => a - b);
}

function processesIn(files: CgroupFiles): number[] {
  return files.numbers('cgroup.procs');
}

/** Sends a signal; `false` for a process that has ended. */
export function signal(pid: number, number: number): boolean {
  try {
    return process.kill(pid, number);
  } catch (error) {
    if (failedWith(error, 'ESRCH')) return false;
    throw error;
  }
}
