import { statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { runQuietly } from './run.mjs';
import { workspace } from './workspace.mjs';

/** npm keeps here what it installed. */
const installed = 'node_modules/.package-lock.json';

/**
 * Installs what package-lock.json names, when node_modules is missing or older than it. Not by
 * `npm ci`: that refuses a lock file written where the registry does not offer other platforms'
 * builds of a tool (of biome, rollup, …), which is all that such a file lacks.
 */
export async function installPackages() {
  if (changedAt(installed) >= changedAt('package-lock.json')) return;
  await runQuietly('Installing packages', [
    'npm',
    'install',
    '--no-save',
    '--no-audit',
    '--no-fund',
  ]);
  // npm leaves the file alone when there was nothing to do.
  const now = new Date();
  utimesSync(join(workspace, installed), now, now);
}

/** @param {string} path */
function changedAt(path) {
  return statSync(join(workspace, path), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
