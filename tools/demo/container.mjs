import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { ocirun } from '../setup/workspace.mjs';

/**
 * Runs a bundle in the foreground, with our stdio. Its state is kept in the bundle's directory.
 * @param {string} bundle
 * @returns {Promise<number>} the exit status
 */
export async function runContainer(bundle) {
  const id = `demo-${process.pid}`;
  const root = ['--root', join(bundle, 'state')];
  const child = spawn(ocirun, [...root, 'run', '--bundle', bundle, id], { stdio: 'inherit' });
  // Ended by a signal, we still wait and clean up. SIGINT the terminal sends to the child as well.
  process.on('SIGINT', () => {});
  for (const signal of ['SIGTERM', 'SIGHUP']) {
    process.on(signal, () => child.kill(/** @type {NodeJS.Signals} */ (signal)));
  }
  const [code, signal] = await once(child, 'exit');
  if (existsSync(join(bundle, 'state', id))) {
    spawnSync(ocirun, [...root, 'delete', '--force', id], { stdio: 'inherit' });
  }
  return code ?? 128 + constants.signals[/** @type {NodeJS.Signals} */ (signal)];
}
