/** Reasons to stop before the job has ended: a signal, or too long a wait. */
export class Stop {
  readonly #controller = new AbortController();
  readonly signal = this.#controller.signal;
  #timer: NodeJS.Timeout | undefined;

  constructor() {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.once(name, () => this.#controller.abort(new Error(`interrupted by ${name}`)));
  }

  /** Replaces any earlier limit. */
  after(seconds: number, what: string): void {
    this.never();
    const stop = () => this.#controller.abort(new Error(`${what} after ${seconds} s`));
    this.#timer = setTimeout(stop, seconds * 1000);
  }

  never(): void {
    clearTimeout(this.#timer);
  }
}
