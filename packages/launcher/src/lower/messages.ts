import { Cell, Memory, Parameter, Template, type Text } from '@oci/kernel';
import type { Label, Operand } from '../instructions.ts';
import { oneLine } from '../one-line.ts';
import type { Arguments } from './arguments.ts';
import type { Emitter } from './emitter.ts';
import type { Writer } from './writer.ts';

/** Stands in a laid-out message for a hole, whose letter follows. */
const HOLE_MARK = 0x01;
const MARK = String.fromCharCode(HOLE_MARK);
/** Letters of holes, from `A` on: none of them is escaped in a quoted string. */
const FIRST_HOLE = 0x41;
const MOST_HOLES = 26;

/** What a message can hold that is only known when it is written: a parameter, or bytes up to a NUL. */
type MessageHole = Parameter | Memory;

/** PATH_MAX without its NUL: the longest parameter that does not say another limit. */
const LONGEST_PARAMETER = 4095;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const QUESTION_MARK = 0x3f;

type Form = 'plain' | 'quoted';

interface Table {
  /** Known once all messages are. */
  readonly address: { section: 'constants'; offset: number };
  used: boolean;
}

/**
 * The messages of all failures, laid out at compile time. A failure is known by its message's
 * number, so lanes can pass it on in one word.
 */
export class Messages {
  readonly #emit: Emitter;
  readonly #writer: Writer;
  readonly #args: Arguments;
  readonly #holes: MessageHole[];
  readonly #numbers = new Map<string, number>();
  readonly #tables: Record<Form, Table>;
  readonly #routine: Label;
  readonly #source: Cell;
  /** Whether the message is written as part of a quoted string: then what fills holes is escaped. */
  readonly #quoting: Cell;

  constructor(emit: Emitter, writer: Writer, args: Arguments, parameters: readonly Parameter[]) {
    this.#emit = emit;
    this.#writer = writer;
    this.#args = args;
    this.#holes = [...parameters];
    this.#routine = emit.label('message');
    this.#source = emit.cell('message');
    this.#quoting = emit.cell('quoting');
    const table = (): Table => ({ address: { section: 'constants', offset: 0 }, used: false });
    this.#tables = { plain: table(), quoted: table() };
  }

  /**
   * The number of a failure: what was being done, and the call that failed.
   *
   * @param own whether the lane that fails writes the message itself: then it may hold its memory
   */
  number(doing: readonly string[], last: Text, own = false): number {
    const parts = last instanceof Template ? last.parts : [last];
    const words = parts.map((part) => {
      if (typeof part === 'string') return oneLine(part);
      if (part instanceof Cell || (part instanceof Memory && !own))
        throw new TypeError(
          'a failure message can only hold launch parameters, and the memory of the lane that writes it',
        );
      return MARK + String.fromCharCode(FIRST_HOLE + this.#hole(part));
    });
    const message = [...doing.map(oneLine), words.join('')].join(': ');
    let number = this.#numbers.get(message);
    if (number === undefined) {
      number = this.#numbers.size;
      this.#numbers.set(message, number);
    }
    return number;
  }

  #hole(hole: MessageHole): number {
    const known = this.#holes.indexOf(hole);
    if (known >= 0) return known;
    if (hole instanceof Parameter)
      throw new TypeError(`${hole.name} is no parameter of this program`);
    if (this.#holes.length === MOST_HOLES)
      throw new RangeError('too many holes in failure messages');
    return this.#holes.push(hole) - 1;
  }

  /** The most bytes that a message can take. */
  get longest(): number {
    return Math.max(0, ...[...this.#numbers.keys()].map((text) => this.#longest(text)));
  }

  #longest(message: string): number {
    let bytes = Buffer.byteLength(quoted(message));
    for (let at = message.indexOf(MARK); at >= 0; at = message.indexOf(MARK, at + 2)) {
      const hole = this.#holes[message.charCodeAt(at + 1) - FIRST_HOLE];
      const longest = hole instanceof Memory ? hole.size : hole?.options.longest;
      // Every byte may need a backslash.
      bytes += 2 * (longest ?? LONGEST_PARAMETER);
    }
    return bytes;
  }

  /**
   * Appends the message with the number in `number` at the writer's cursor. All messages are known
   * by now, and another lane's number that is none of them is not looked up.
   */
  append(number: Cell, form: Form): void {
    const emit = this.#emit;
    const table = this.#tables[form];
    const [known, end] = [emit.label('known message'), emit.label('end of report')];
    table.used = true;
    emit.branch(number, 'below', this.#numbers.size, known);
    this.#writer.constant('unknown step');
    emit.jump(end);
    emit.place(known);
    emit.compute('mul', this.#source, number, 8);
    emit.add(this.#source, table.address);
    emit.load(this.#source, this.#source, 0, 8);
    emit.move(this.#quoting, form === 'quoted' ? 1 : 0);
    emit.call(this.#routine);
    emit.place(end);
  }

  /** Lays out the messages and the subroutine that copies one. */
  finish(): void {
    for (const form of ['plain', 'quoted'] as const) {
      const table = this.#tables[form];
      if (!table.used) continue;
      const messages = [...this.#numbers.keys()];
      table.address.offset = this.#emit.constant(new Uint8Array(messages.length * 8)).offset;
      messages.forEach((message, number) => {
        const text = form === 'plain' ? message : quoted(message);
        this.#emit.reference(table.address, number * 8, this.#emit.string(text));
      });
    }
    this.#routineBody();
  }

  #routineBody(): void {
    const emit = this.#emit;
    const byte = emit.cell('byte');
    const next = emit.label('next of message');
    const end = emit.label('end of message');
    const plain = emit.label('plain byte');
    emit.place(this.#routine);
    emit.place(next);
    emit.load(byte, this.#source, 0, 1);
    emit.branch(byte, 'eq', 0, end);
    emit.add(this.#source, 1);
    emit.branch(byte, 'ne', HOLE_MARK, plain);
    emit.load(byte, this.#source, 0, 1);
    emit.add(this.#source, 1);
    this.#holes.forEach((hole, index) => {
      const other = emit.label('other hole');
      emit.branch(byte, 'ne', FIRST_HOLE + index, other);
      const bytes = hole instanceof Memory ? this.#args.region(hole) : this.#args.parameter(hole);
      this.#fill(bytes, byte);
      emit.place(other);
    });
    emit.jump(next);
    emit.place(plain);
    emit.store(byte, this.#writer.cursor, 0, 1);
    emit.add(this.#writer.cursor, 1);
    emit.jump(next);
    emit.place(end);
    emit.return();
  }

  /** Appends bytes up to a NUL, on one line whatever is in them. */
  #fill(given: Operand, byte: Cell): void {
    const emit = this.#emit;
    const cursor = this.#writer.cursor;
    const [next, end] = [emit.label('next of hole'), emit.label('end of hole')];
    const [control, visible] = [emit.label('control'), emit.label('visible')];
    const [escaped, store] = [emit.label('escape'), emit.label('store')];
    const at = emit.cell('at');
    emit.move(at, given);
    emit.branch(at, 'eq', 0, end);
    emit.place(next);
    emit.load(byte, at, 0, 1);
    emit.branch(byte, 'eq', 0, end);
    emit.add(at, 1);
    emit.branch(byte, 'lt', 0x20, control);
    emit.branch(byte, 'ne', 0x7f, visible);
    emit.place(control);
    emit.move(byte, QUESTION_MARK);
    emit.place(visible);
    emit.branch(this.#quoting, 'eq', 0, store);
    emit.branch(byte, 'eq', QUOTE, escaped);
    emit.branch(byte, 'ne', BACKSLASH, store);
    emit.place(escaped);
    emit.store(BACKSLASH, cursor, 0, 1);
    emit.add(cursor, 1);
    emit.place(store);
    emit.store(byte, cursor, 0, 1);
    emit.add(cursor, 1);
    emit.jump(next);
    emit.place(end);
  }
}

function quoted(message: string): string {
  return message.replace(/["\\]/g, '\\$&');
}
