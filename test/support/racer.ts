import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';

/**
 * Another process that lets a path in a rootfs lead now to a directory beside it, now to somewhere
 * else, as fast as it can, while containers start. One link replaces the other: there always is one.
 */
export class Racer {
  readonly #child: ChildProcess;

  constructor(path: string, elsewhere: string) {
    const beside = `${path}.beside`;
    mkdirSync(beside);
    const script = `
      const { renameSync, symlinkSync } = require('node:fs');
      const [path, ...targets] = process.argv.slice(1);
      for (let round = 0; ; round++) {
        symlinkSync(targets[round % 2], path + '.next');
        renameSync(path + '.next', path);
        if (round === 0) process.stdout.write('swapping');
      }`;
    const args = ['-e', script, path, beside.slice(beside.lastIndexOf('/') + 1), elsewhere];
    this.#child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  }

  /** Waits until it has begun. */
  async begun(): Promise<void> {
    await new Promise((resolve) => this.#child.stdout?.once('data', resolve));
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGKILL');
    await ended;
  }
}
