import type { Cell } from '@oci/kernel';
import type { Label, Operand } from '../instructions.ts';
import type { Emitter } from './emitter.ts';

/**
 * Subroutines that append to a text at a cursor. A subroutine is only laid out when something
 * calls it.
 */
export class Writer {
  readonly cursor: Cell;
  readonly #emit: Emitter;
  readonly #argument: Cell;
  readonly #pending = new Map<string, { label: Label; body: () => void }>();

  constructor(emit: Emitter) {
    this.#emit = emit;
    this.cursor = emit.cell('cursor');
    this.#argument = emit.cell('append');
  }

  /** Starts writing at an address. */
  start(at: Operand): void {
    this.#emit.move(this.cursor, at);
  }

  /** Appends constant bytes. */
  constant(value: string): void {
    if (value !== '') this.string(this.#emit.string(value));
  }

  /** Appends NUL-terminated bytes. */
  string(source: Operand): void {
    this.#call('string', source, () => this.#stringBody());
  }

  /** Appends an unsigned number in decimal. */
  decimal(value: Operand): void {
    this.#call('decimal', value, () => this.#decimalBody());
  }

  /** Appends the time now: `2026-11-21T10:00:00.123456789Z`. */
  timestamp(): void {
    this.#call('timestamp', 0, () => this.#timestampBody());
  }

  /** Ends the text with a NUL. */
  end(): void {
    this.#emit.store(0, this.cursor, 0, 1);
  }

  /** Lays out the subroutines that were called. */
  finish(): void {
    // A subroutine may call another for the first time, which then joins the queue.
    for (const { label, body } of this.#pending.values()) {
      this.#emit.place(label);
      body();
      this.#emit.return();
    }
  }

  #call(name: string, argument: Operand, body: () => void): void {
    let routine = this.#pending.get(name);
    if (!routine) {
      routine = { label: this.#emit.label(name), body };
      this.#pending.set(name, routine);
    }
    this.#emit.move(this.#argument, argument);
    this.#emit.call(routine.label);
  }

  #stringBody(): void {
    const emit = this.#emit;
    const byte = emit.cell('byte');
    const next = emit.label('next byte');
    const end = emit.label('end of string');
    // A parameter that was not given has no address.
    emit.branch(this.#argument, 'eq', 0, end);
    emit.place(next);
    emit.load(byte, this.#argument, 0, 1);
    emit.branch(byte, 'eq', 0, end);
    emit.store(byte, this.cursor, 0, 1);
    emit.add(this.#argument, 1);
    emit.add(this.cursor, 1);
    emit.jump(next);
    emit.place(end);
  }

  #decimalBody(): void {
    const emit = this.#emit;
    const digits = emit.zeroed(24);
    const [at, quotient, digit] = [emit.cell('at'), emit.cell('quotient'), emit.cell('digit')];
    const next = emit.label('next digit');
    // From the last digit to the first, in front of a NUL that ends them.
    emit.move(at, digits);
    emit.add(at, 23);
    emit.place(next);
    emit.compute('div', quotient, this.#argument, 10);
    emit.compute('mul', digit, quotient, 10);
    emit.compute('sub', digit, this.#argument, digit);
    emit.add(digit, 48);
    emit.compute('sub', at, at, 1);
    emit.store(digit, at, 0, 1);
    emit.move(this.#argument, quotient);
    emit.branch(quotient, 'ne', 0, next);
    this.string(at);
  }

  /** Days to a date as in H. Hinnant's "chrono-compatible low-level date algorithms". */
  #timestampBody(): void {
    const emit = this.#emit;
    const now = emit.zeroed(16);
    const cell = (name: string) => emit.cell(name);
    const ignored = cell('clock_gettime');
    emit.syscall('clock_gettime', [0, now], ignored);
    const seconds = cell('seconds');
    emit.load(seconds, now, 0, 8);
    const days = cell('days');
    emit.compute('div', days, seconds, 86_400);
    emit.add(days, 719_468);
    const era = cell('era');
    emit.compute('div', era, days, 146_097);
    const dayOfEra = cell('day of era');
    emit.compute('rem', dayOfEra, days, 146_097);
    const [year, part, dayOfYear] = [cell('year'), cell('part'), cell('day of year')];
    emit.move(year, dayOfEra);
    for (const [op, divisor] of [
      ['sub', 1_460],
      ['add', 36_524],
      ['sub', 146_096],
    ] as const) {
      emit.compute('div', part, dayOfEra, divisor);
      emit.compute(op, year, year, part);
    }
    emit.compute('div', year, year, 365);
    emit.compute('mul', dayOfYear, year, 365);
    emit.compute('div', part, year, 4);
    emit.add(dayOfYear, part);
    emit.compute('div', part, year, 100);
    emit.compute('sub', dayOfYear, dayOfYear, part);
    emit.compute('sub', dayOfYear, dayOfEra, dayOfYear);
    emit.compute('mul', part, era, 400);
    emit.add(year, part);
    const [month, day] = [cell('month'), cell('day')];
    emit.compute('mul', month, dayOfYear, 5);
    emit.add(month, 2);
    emit.compute('div', month, month, 153);
    emit.compute('mul', day, month, 153);
    emit.add(day, 2);
    emit.compute('div', day, day, 5);
    emit.compute('sub', day, dayOfYear, day);
    emit.add(day, 1);
    // The algorithm's year starts in March.
    const early = emit.label('march to december');
    emit.add(month, 3);
    emit.branch(month, 'le', 12, early);
    emit.compute('sub', month, month, 12);
    emit.add(year, 1);
    emit.place(early);
    this.decimal(year);
    this.#twoDigits('-', month);
    this.#twoDigits('-', day);
    emit.compute('rem', part, seconds, 86_400);
    emit.compute('div', part, part, 3_600);
    this.#twoDigits('T', part);
    emit.compute('rem', part, seconds, 3_600);
    emit.compute('div', part, part, 60);
    this.#twoDigits(':', part);
    emit.compute('rem', part, seconds, 60);
    this.#twoDigits(':', part);
    this.#paddedDecimal('.', 1_000_000_000, () => {
      emit.load(part, now, 8, 8);
      return part;
    });
    this.constant('Z');
  }

  #twoDigits(separator: string, value: Cell): void {
    this.#paddedDecimal(separator, 100, () => value);
  }

  /** Appends value + limit, a one with all digits of the value behind, and overwrites the one. */
  #paddedDecimal(separator: string, limit: number, value: () => Cell): void {
    const emit = this.#emit;
    const start = emit.cell('start');
    const padded = emit.cell('padded');
    emit.move(start, this.cursor);
    emit.compute('add', padded, value(), limit);
    this.decimal(padded);
    emit.store(separator.charCodeAt(0), start, 0, 1);
  }
}
