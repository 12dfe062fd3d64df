import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { finished } from 'node:stream/promises';
import { type Message, parseMessage } from './control.ts';
import { type Hardware, type Port, qemuArguments } from './hardware.ts';
import { Listener } from './listener.ts';
import { Qemu } from './qemu.ts';

/** The machine ended without saying how its job did. */
export class MachineFailed extends Error {}

export interface Plan {
  readonly hardware: Omit<Hardware, 'sockets'>;
  /** For sockets, and for what is written to the disk. */
  readonly directory: string;
  /** Get what the job writes. */
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
  /** Ends the machine at once; whoever waits for it gets the reason. */
  readonly signal: AbortSignal;
}

/** A machine that runs one job. */
export class Machine {
  readonly #plan: Plan;
  readonly #qemu: Qemu;
  readonly #messages: AsyncGenerator<Message>;
  readonly #copies: readonly Promise<void>[];

  private constructor(plan: Plan, qemu: Qemu, listeners: Readonly<Record<Port, Listener>>) {
    this.#plan = plan;
    this.#qemu = qemu;
    this.#messages = messages(listeners.control);
    this.#copies = [copy(listeners.stdout, plan.stdout), copy(listeners.stderr, plan.stderr)];
  }

  static async start(plan: Plan): Promise<Machine> {
    const { hardware, directory, signal } = plan;
    signal.throwIfAborted();
    const listen = (port: Port) => Listener.at(join(directory, port));
    const [stdout, stderr, control] = [
      await listen('stdout'),
      await listen('stderr'),
      await listen('control'),
    ];
    const sockets = { stdout: stdout.path, stderr: stderr.path, control: control.path };
    const qemu = new Qemu(qemuArguments({ ...hardware, sockets }), directory, signal);
    qemu.ended.then(() => {
      for (const listener of [stdout, stderr, control]) listener.close();
    });
    return new Machine(plan, qemu, { stdout, stderr, control });
  }

  /**
   * Waits until the job begins.
   * @throws MachineFailed
   */
  async running(): Promise<void> {
    await this.#message();
  }

  /**
   * Waits until the job has ended.
   * @returns its exit status
   * @throws MachineFailed
   */
  async exited(): Promise<number> {
    for (;;) {
      const message = await this.#message();
      if (message.type === 'exited') return message.status;
    }
  }

  /** Ends it, and hands over what the job wrote until then. */
  async close(): Promise<void> {
    await this.#qemu.kill();
    await Promise.all(this.#copies);
  }

  async #message(): Promise<Message> {
    const { done, value } = await this.#messages.next();
    if (!done) return value;
    await this.close();
    this.#plan.signal.throwIfAborted();
    const said = [this.#qemu.said, lastLines(this.#plan.hardware.console)];
    throw new MachineFailed(['the machine ended without a result', ...said].join('\n').trimEnd());
  }
}

async function* messages(control: Listener): AsyncGenerator<Message, void> {
  const socket = await control.connection;
  if (!socket) return;
  for await (const line of createInterface({ input: socket })) yield parseMessage(line);
}

async function copy(from: Listener, to: NodeJS.WritableStream): Promise<void> {
  const socket = await from.connection;
  if (!socket) return;
  socket.pipe(to, { end: false });
  await finished(socket, { writable: false }).catch(() => undefined); // The emulator was killed.
}

/** What the console showed last. */
function lastLines(file: string): string {
  try {
    return readFileSync(file, 'utf8').trimEnd().split(/\r?\n/).slice(-60).join('\n');
  } catch {
    return ''; // The machine didn't get that far.
  }
}
