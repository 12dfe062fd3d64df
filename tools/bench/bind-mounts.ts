import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Mount } from '@oci/spec';

/** Bind mounts as engines add them: SOURCES/n at /mnt/n, by turns a directory and a read-only file. */
export interface BindMounts {
  readonly sources: string;
  readonly count: number;
}

/** Makes what is bound, and where. */
export function makeBindMounts(directory: string, rootfs: string, count: number): BindMounts {
  const sources = join(directory, 'binds');
  for (const parent of [sources, join(rootfs, 'mnt')]) {
    mkdirSync(parent);
    for (let n = 0; n < count; n++) {
      if (isFile(n)) writeFileSync(join(parent, String(n)), '');
      else mkdirSync(join(parent, String(n)));
    }
  }
  return { sources, count };
}

export function configured({ sources, count }: BindMounts): Mount[] {
  return Array.from({ length: count }, (_, n) => ({
    destination: `/mnt/${n}`,
    type: 'bind',
    source: join(sources, String(n)),
    options: ['rbind', 'rprivate', ...(isFile(n) ? ['ro'] : [])],
  }));
}

function isFile(n: number): boolean {
  return n % 2 === 1;
}
