import { type ChildProcess, spawn } from 'node:child_process';

/** The emulator's process. */
export class Qemu {
  readonly ended: Promise<void>;
  readonly #child: ChildProcess;
  readonly #said: string[] = [];

  /**
   * @param directory where it keeps what is written to the disk
   * @param signal kills it
   */
  constructor(args: readonly string[], directory: string, signal: AbortSignal) {
    // It dies with us, even if we are killed.
    this.#child = spawn('setpriv', ['--pdeathsig', 'KILL', 'qemu-system-x86_64', ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, TMPDIR: directory },
      signal,
      killSignal: 'SIGKILL',
    });
    this.#child.stderr?.on('data', (data) => this.#said.push(String(data)));
    this.#child.on('error', (error) => this.#said.push(error.message));
    this.ended = new Promise((resolve) => this.#child.on('close', () => resolve()));
  }

  /** Its complaints. */
  get said(): string {
    return this.#said.join('').trim();
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.ended;
  }
}
