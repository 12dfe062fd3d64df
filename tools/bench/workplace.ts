import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeBundles } from './bundles.ts';
import type { Workplace } from './contender.ts';

/** Makes the bundles in a new temporary directory, which is removed when the process exits. */
export function makeWorkplace(bindMounts: number): Workplace {
  const directory = mkdtempSync(join(tmpdir(), 'oci-bench-'));
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  return { directory, ...makeBundles(directory, bindMounts) };
}
