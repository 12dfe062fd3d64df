import {
  compare,
  errnoNumber,
  type Fd,
  type Kernel,
  type Memory,
  POLLIN,
  POLLOUT,
  type Value,
  type Variable,
} from '@oci/kernel';
import type { PollTable } from './poll-table.ts';

const AGAIN = -errnoNumber('EAGAIN');

/** PIPE_BUF: a pipe that is ready takes as much without waiting. */
const BUFFER_BYTES = 4096;

/** Where a pump takes bytes from, and who gets them. */
export interface PumpEnds {
  readonly from: Fd;
  readonly to: Fd;
}

/**
 * Moves bytes from one descriptor to another, and never waits for either: it has one entry of a
 * poll table, which is of the one when the buffer is empty and of the other when it is not.
 */
export class Pump {
  readonly #ends: PumpEnds;
  readonly #table: PollTable;
  readonly #entry: number;
  readonly #buffer: Memory;
  /** How many bytes are in the buffer. */
  readonly #held: Variable;

  constructor(k: Kernel, name: string, ends: PumpEnds, table: PollTable, entry: number) {
    this.#ends = ends;
    this.#table = table;
    this.#entry = entry;
    this.#buffer = k.memory(name, BUFFER_BYTES);
    this.#held = k.variable(`${name} held`, 0);
    table.watch(k, entry, ends.from, POLLIN);
  }

  /** Goes on where the table says that it can. */
  step(k: Kernel): void {
    this.#table.whenReady(k, this.#entry, () =>
      k.when(
        compare(this.#held.value, '==', 0),
        () => this.#fill(k, () => this.#table.forget(k, this.#entry)),
        () => this.#empty(k),
      ),
    );
  }

  /**
   * Moves what is still there, up to so many bufferfuls: whoever writes without end must not keep
   * it from ending. The other entries of its table are to be forgotten before.
   */
  drain(k: Kernel, most: number): void {
    const left = k.variable('bufferfuls left', most);
    k.loop((leave) => {
      k.when(compare(this.#held.value, '==', 0), () => {
        k.when(compare(left.value, '==', 0), leave);
        k.set(left, k.compute(left.value, '-', 1));
        this.#fill(k, leave);
        k.when(compare(this.#held.value, '==', 0), leave);
      });
      this.#table.wait(k);
      this.#empty(k);
    });
  }

  #fill(k: Kernel, ended: () => void): void {
    const { from, to } = this.#ends;
    const length = k.read(from, this.#buffer, BUFFER_BYTES, { allow: 'any' });
    k.when(
      compare(length, '>', 0),
      () => {
        k.set(this.#held, length);
        this.#table.watch(k, this.#entry, to, POLLOUT);
      },
      () => k.when(compare(length, '!=', AGAIN), ended),
    );
  }

  #empty(k: Kernel): void {
    const { from, to } = this.#ends;
    const written = k.write(to, this.#buffer, this.#held.value, { allow: 'any' });
    k.when(compare(written, '!=', AGAIN), () => {
      // Where nobody takes it any more it is lost, and the container does not wait for ever.
      k.when(
        compare(written, '<', 0),
        () => k.set(this.#held, 0),
        () => this.#drop(k, written),
      );
      k.when(compare(this.#held.value, '==', 0), () =>
        this.#table.watch(k, this.#entry, from, POLLIN),
      );
    });
  }

  /** Forgets the first bytes, and moves the others to the front. */
  #drop(k: Kernel, count: Value): void {
    k.set(this.#held, k.compute(this.#held.value, '-', count));
    const at = k.variable('at', 0);
    k.loop((leave) => {
      k.when(compare(at.value, '==', this.#held.value), leave);
      k.store(this.#buffer, at.value, 1, k.load(this.#buffer, k.compute(at.value, '+', count), 1));
      k.set(at, k.compute(at.value, '+', 1));
    });
  }
}
