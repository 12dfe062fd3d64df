import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a directory for its owner alone, and those above it. Node's own `recursive` never ends below
 * /proc, where a directory that is missing cannot be made.
 *
 * @throws Error of mkdir(2), unless something is there already
 */
export function makeDirectory(path: string): void {
  if (make(path) !== 'ENOENT') return;
  const parent = dirname(path);
  if (parent !== path) makeDirectory(parent);
  mkdirSync(path, { mode: 0o700 });
}

function make(path: string): 'ENOENT' | undefined {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT') return code;
    if (code !== 'EEXIST') throw error;
  }
  return undefined;
}
