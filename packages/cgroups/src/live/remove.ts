import { existsSync, rmdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { failedWith } from '@oci/kernel';
import { CgroupError } from './errors.ts';
import { CgroupFiles } from './files.ts';
import { processesBelow } from './processes.ts';

const FIRST_PAUSE = 1;
const LONGEST_PAUSE = 50;

/**
 * Removes a cgroup and those below it, and tries again while it is in use: processes that were killed
 * take a moment to end.
 *
 * @param patience how long, in milliseconds
 * @throws CgroupError BUSY: it stays.
 */
export async function removeDirectory(directory: string, patience: number): Promise<void> {
  const deadline = Date.now() + patience;
  for (let pause = FIRST_PAUSE; !tryRemove(directory); pause = Math.min(pause * 2, LONGEST_PAUSE)) {
    if (Date.now() >= deadline) throw inUse(directory);
    await sleep(pause);
  }
}

/** Children first. */
function tryRemove(directory: string): boolean {
  const children = new CgroupFiles(directory).children().map(tryRemove);
  if (children.includes(false)) return false;
  try {
    rmdirSync(directory);
    return true;
  } catch (error) {
    if (failedWith(error, 'ENOENT')) return true;
    if (failedWith(error, 'EBUSY')) return false;
    throw error;
  }
}

function inUse(directory: string): CgroupError {
  const pids = existsSync(directory) ? processesBelow(directory) : [];
  const by = pids.length > 0 ? ` by ${pids.length === 1 ? 'process' : 'processes'} ` : '';
  return new CgroupError(
    'BUSY',
    `cgroup ${directory} is still in use${by}${pids.join(', ')}: not removed`,
  );
}
