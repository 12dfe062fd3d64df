import { WNOHANG } from '@oci/kernel';
import type { LiveKernel } from '@oci/kernel/live';

/** How a child ended: its exit code, or the number of the signal that ended it. */
export interface Ended {
  readonly code: number | null;
  readonly signal: number | null;
}

/** Long enough never to fire; its only use is to keep the process alive. */
const NEVER = 2 ** 31 - 1;

/**
 * Reaps child processes that Node did not start, when SIGCHLD says that some child ended. Node's
 * own children are left alone: only process ids that were handed over are waited for.
 */
export class Reaper {
  readonly #kernel: LiveKernel;
  readonly #waiting = new Map<number, (ended: Ended) => void>();
  readonly #reap = () => this.#reapAll();
  #alive: NodeJS.Timeout | undefined;

  constructor(kernel: LiveKernel) {
    this.#kernel = kernel;
  }

  /** Has to be called before the child is started, so that its end is not missed. */
  listen(): void {
    if (this.#alive) return;
    process.on('SIGCHLD', this.#reap);
    this.#alive = setInterval(() => {}, NEVER);
  }

  /** Resolves when the child has ended, and reaps it. */
  wait(pid: number): Promise<Ended> {
    return new Promise((resolve) => {
      this.#waiting.set(pid, resolve);
    });
  }

  /** Stops listening when nothing is waited for. */
  rest(): void {
    if (this.#waiting.size > 0 || !this.#alive) return;
    process.off('SIGCHLD', this.#reap);
    clearInterval(this.#alive);
    this.#alive = undefined;
  }

  #reapAll(): void {
    const status = this.#kernel.memory('status', 4);
    for (const [pid, resolve] of this.#waiting) {
      if (Number(this.#kernel.wait4(pid, status, WNOHANG)) !== pid) continue;
      this.#waiting.delete(pid);
      resolve(decode(Number(this.#kernel.load(status, 0, 4))));
    }
  }
}

/** A status word, as wait(2) describes it. */
function decode(status: number): Ended {
  const signal = status & 0x7f;
  return signal === 0 ? { code: (status >> 8) & 0xff, signal: null } : { code: null, signal };
}
