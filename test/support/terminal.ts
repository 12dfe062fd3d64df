import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { run } from './ocirun.ts';

/** What runs on a terminal of its own: a shell's command, by Debian's `script`. */
export class TerminalSession {
  readonly #child: ChildProcess;
  readonly #directory = mkdtempSync(join(tmpdir(), 'ocirun-terminal-'));
  readonly #ended: Promise<number | null>;
  #output = '';

  constructor(command: string) {
    const commands = `tty > ${this.#directory}/tty; stty rows 33 cols 99; ${command}`;
    this.#child = spawn('script', ['-qec', commands, '/dev/null'], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, SHELL: '/bin/sh' },
    });
    this.#child.stdout?.on('data', (data) => {
      this.#output += data;
    });
    this.#ended = new Promise((resolve, reject) => {
      this.#child.on('error', reject);
      this.#child.on('close', resolve);
    });
  }

  /** What it has shown so far, with a terminal's line ends made a file's. */
  get output(): string {
    return this.#output.replaceAll('\r\n', '\n');
  }

  /** Waits until it shows this. */
  async shows(text: string): Promise<void> {
    await expect.poll(() => this.output, { timeout: 20_000 }).toContain(text);
  }

  type(keys: string): void {
    this.#child.stdin?.write(keys);
  }

  /** Does something to the terminal itself, or tells its settings: stty(1). */
  async stty(...args: readonly string[]): Promise<string> {
    const terminal = readFileSync(join(this.#directory, 'tty'), 'utf8').trim();
    const { stdout } = await run('stty', ['-F', terminal, ...args]);
    return stdout;
  }

  /** All that it shows, once it has ended. */
  async end(): Promise<{ readonly status: number | null; readonly output: string }> {
    const status = await this.#ended;
    rmSync(this.#directory, { recursive: true });
    return { status, output: this.output };
  }
}

/** What a command shows on a terminal. */
export function onTerminal(command: string) {
  return new TerminalSession(command).end();
}
