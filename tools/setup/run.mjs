import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { workspace } from './workspace.mjs';

/** A command of ours failed; what it had to say has been shown. */
export class CommandFailed extends Error {}

/**
 * Runs a command with our stdio.
 * @param {readonly string[]} command
 * @returns its exit status, as a shell counts it
 */
export async function run([file = '', ...args]) {
  const child = spawn(file, args, { cwd: workspace, stdio: 'inherit' });
  return ended(child, 'exit');
}

/**
 * Runs a command with one line of progress on stderr; shows its whole output if it fails.
 * @param {string} what it does
 * @param {readonly string[]} command
 */
export async function runQuietly(what, [file = '', ...args]) {
  process.stderr.write(`${what} … `);
  const start = performance.now();
  const child = spawn(file, args, { cwd: workspace, stdio: ['ignore', 'pipe', 'pipe'] });
  /** @type {Buffer[]} */
  const output = [];
  child.stdout.on('data', (chunk) => output.push(chunk));
  child.stderr.on('data', (chunk) => output.push(chunk));
  const status = await ended(child, 'close');
  if (status === 0) {
    process.stderr.write(`${((performance.now() - start) / 1000).toFixed(1)} s\n`);
    return;
  }
  process.stderr.write(`failed\n${Buffer.concat(output)}`);
  throw new CommandFailed(`${[file, ...args].join(' ')} ended with ${status}`);
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {'exit' | 'close'} event `close` comes when its output has been read too
 * @returns {Promise<number>} its exit status, as a shell counts it
 */
async function ended(child, event) {
  try {
    const [code, signal] = await once(child, event);
    return code ?? 128 + constants.signals[/** @type {NodeJS.Signals} */ (signal)];
  } catch (error) {
    throw new CommandFailed(error instanceof Error ? error.message : String(error));
  }
}
