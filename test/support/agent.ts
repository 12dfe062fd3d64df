import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** The seccomp agent of `programs/agent.c`. */
export class Agent {
  readonly #process: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  private constructor(program: string, args: readonly string[]) {
    this.#process = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    if (!this.#process.stdout) throw new Error('the agent has no standard output');
    this.#lines = createInterface(this.#process.stdout)[Symbol.asyncIterator]();
  }

  /** Starts one, and waits until it listens. */
  static async listening(program: string, ...args: readonly string[]): Promise<Agent> {
    const agent = new Agent(program, args);
    const first = await agent.line();
    if (first !== 'ready') throw new Error(`the agent says ${first}`);
    return agent;
  }

  /** What it prints next: the container process state first, then the calls. */
  async line(): Promise<string> {
    const { value, done } = await this.#lines.next();
    return done ? '' : value;
  }

  /** The rest of what it prints, until it ends by itself. */
  async rest(): Promise<string[]> {
    const lines: string[] = [];
    for (let line = await this.line(); line !== ''; line = await this.line()) lines.push(line);
    return lines;
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await ended;
  }
}
