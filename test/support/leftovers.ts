import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** What a container could leave behind on this machine. */
export interface Leftovers {
  readonly mounts: number;
  readonly launchers: readonly string[];
  readonly states: readonly string[];
}

/** Waits until only what was there before is there: processes that were killed take a moment. */
export async function nothingMoreThan(before: Leftovers): Promise<Leftovers> {
  for (let tries = 0; tries < 40; tries++) {
    const now = leftovers();
    if (now.mounts === before.mounts && now.launchers.length <= before.launchers.length) return now;
    await sleep(50);
  }
  return leftovers();
}

export function leftovers(root = '/run/ocirun'): Leftovers {
  return {
    mounts: readFileSync('/proc/self/mountinfo', 'utf8').split('\n').length,
    launchers: processesCalled('ocirun'),
    states: directory(root),
  };
}

function processesCalled(name: string): string[] {
  return directory('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === name;
      } catch {
        // It has ended meanwhile.
        return false;
      }
    });
}

function directory(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
