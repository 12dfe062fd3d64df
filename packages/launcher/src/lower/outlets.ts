import type { Cell } from '@oci/kernel';
import type { Label } from '../instructions.ts';
import type { Failed } from './context.ts';
import type { Emitter } from './emitter.ts';

/** Where errors go while a part of a lane is lowered: inner handlers first. */
export interface Handler {
  readonly errnos: readonly number[];
  readonly label: Label;
}

/** What happens when calls fail, but for what is said then. */
export interface Outlet {
  readonly result: Cell;
  readonly handlers: readonly Handler[];
  readonly unwind: Label;
  readonly label: Label;
  isPlaced: boolean;
  /** What leads there, by the number of its message. */
  readonly failures: Map<number, Label>;
}

/** The ways off the straight path. Calls that fail alike share the code for it. */
export class Outlets {
  readonly #emit: Emitter;
  readonly #failed: Failed;
  readonly #aside: (() => void)[];
  /** By the cell that has the error. */
  readonly #outlets = new Map<Cell, Outlet[]>();

  /**
   * @param failed what is to be filled
   * @param aside takes what is laid out later, behind the straight path
   */
  constructor(emit: Emitter, failed: Failed, aside: (() => void)[]) {
    this.#emit = emit;
    this.#failed = failed;
    this.#aside = aside;
  }

  /** The way out for what leaves its `-errno` in a cell. */
  outlet(result: Cell, handlers: readonly Handler[], unwind: Label): Outlet {
    const alike = this.#outlets.get(result) ?? [];
    this.#outlets.set(result, alike);
    const known = alike.find((each) => each.handlers === handlers && each.unwind === unwind);
    if (known) return known;
    const label = this.#emit.label('failure');
    const outlet = { result, handlers, unwind, label, isPlaced: false, failures: new Map() };
    alike.push(outlet);
    return outlet;
  }

  /** Where a call goes that failed. */
  failure(outlet: Outlet, message: number): Label {
    return this.#laidOut(outlet, message, () => this.#emit.move(this.#failed.message, message));
  }

  /** Where it goes on when a routine failed: its message is the end of what is told. */
  passedOn(outlet: Outlet, raised: Failed, prefix: number): Label {
    return this.#laidOut(outlet, prefix, () => {
      if (prefix !== 0 || this.#failed !== raised)
        this.#emit.compute('add', this.#failed.message, raised.message, prefix);
    });
  }

  #laidOut(outlet: Outlet, message: number, tell: () => void): Label {
    const known = outlet.failures.get(message);
    if (known) return known;
    const label = this.#emit.label(`failure ${message}`);
    outlet.failures.set(message, label);
    this.#aside.push(() => {
      this.#emit.place(label);
      tell();
      this.#leaveBy(outlet);
    });
    return label;
  }

  /** Goes on where the error of a call is handled, else with unmaking what was made. */
  #leaveBy(outlet: Outlet): void {
    const emit = this.#emit;
    if (outlet.isPlaced) {
      emit.jump(outlet.label);
      return;
    }
    outlet.isPlaced = true;
    const { label, result, handlers, unwind } = outlet;
    emit.place(label);
    for (const handler of handlers)
      for (const errno of handler.errnos) emit.branch(result, 'eq', -errno, handler.label);
    if (result !== this.#failed.result) emit.move(this.#failed.result, result);
    emit.jump(unwind);
  }
}
