import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ownIds } from './ocirun.ts';

/** What a container could leave behind on this machine. */
export interface Leftovers {
  readonly mounts: number;
  readonly launchers: readonly string[];
  readonly states: readonly string[];
  /** Those that are named after containers of this test file. */
  readonly cgroups: readonly string[];
}

/** Waits until only what was there before is there: processes that were killed take a moment. */
export async function nothingMoreThan(before: Leftovers): Promise<Leftovers> {
  for (let tries = 0; tries < 40; tries++) {
    const now = leftovers();
    if (isNoMoreThan(now, before)) return now;
    await sleep(50);
  }
  return leftovers();
}

function isNoMoreThan(now: Leftovers, before: Leftovers): boolean {
  return (
    now.mounts === before.mounts &&
    now.launchers.length <= before.launchers.length &&
    now.cgroups.length <= before.cgroups.length
  );
}

export function leftovers(root = '/run/ocirun'): Leftovers {
  return {
    mounts: readFileSync('/proc/self/mountinfo', 'utf8').split('\n').length,
    launchers: processesCalled('ocirun'),
    states: directory(root),
    cgroups: cgroupsBelow('/sys/fs/cgroup').filter((path) => path.includes(ownIds)),
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

/** In all hierarchies, at any depth. */
function cgroupsBelow(path: string): string[] {
  return directories(path).flatMap((name) => {
    const below = join(path, name);
    return [below, ...cgroupsBelow(below)];
  });
}

function directories(path: string): string[] {
  try {
    const entries = readdirSync(path, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch {
    // It was removed meanwhile.
    return [];
  }
}

function directory(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
