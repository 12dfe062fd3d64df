import { Cell, Memory, Parameter, Template, type Text } from '@oci/kernel';
import type { Label } from '../instructions.ts';
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

/** A message's number has its prefix's above these bits, and its last part's in them. */
const LAST_BITS = 16;
const MOST_LASTS = 1 << LAST_BITS;

/**
 * The messages of all failures. Each is what was being done, shared by all that fails while it is,
 * and a last part, mostly a call's name: they are laid out once each, and joined when one is
 * written. A failure is known by the number of its message, so lanes can pass it on in one word.
 */
export class Messages {
  readonly #emit: Emitter;
  readonly #writer: Writer;
  readonly #args: Arguments;
  readonly #holes: MessageHole[];
  /** `mounts[0]: mount proc at /proc: `; the first one is empty. */
  readonly #prefixes = new Parts('');
  /** `fsconfig`; 0 is no message's number. */
  readonly #lasts = new Parts('');
  readonly #routine: Label;
  readonly #source: Cell;
  readonly #byte: Cell;
  /** Whether the message is written as part of a quoted string. */
  readonly #quoting: Cell;

  constructor(emit: Emitter, writer: Writer, args: Arguments, parameters: readonly Parameter[]) {
    this.#emit = emit;
    this.#writer = writer;
    this.#args = args;
    this.#holes = [...parameters];
    this.#routine = emit.label('message');
    this.#source = emit.cell('message');
    this.#byte = emit.cell('byte');
    this.#quoting = emit.cell('quoting');
  }

  /**
   * The number of a failure: what was being done, and the call that failed.
   *
   * @param own whether the lane that fails writes the message itself: then it may hold its memory
   */
  number(doing: readonly string[], last: Text, own = false): number {
    return this.prefix(doing) + this.last(last, [], own);
  }

  /** What to add to the number of a last part alone. */
  prefix(doing: readonly string[]): number {
    return this.#prefixes.number(doing.map((what) => `${oneLine(what)}: `).join('')) * MOST_LASTS;
  }

  /**
   * The number of a message that only says the last of what was being done: of a routine's, whose
   * callers know the rest.
   */
  last(text: Text, doing: readonly string[] = [], own = false): number {
    const parts = text instanceof Template ? text.parts : [text];
    const words = parts.map((part) => {
      if (typeof part === 'string') return oneLine(part);
      if (part instanceof Cell || (part instanceof Memory && !own))
        throw new TypeError(
          'a failure message can only hold launch parameters, and the memory of the lane that writes it',
        );
      return MARK + String.fromCharCode(FIRST_HOLE + this.#hole(part));
    });
    const number = this.#lasts.number([...doing.map(oneLine), words.join('')].join(': '));
    if (number >= MOST_LASTS) throw new RangeError('too many failure messages');
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

  /** As many bytes as no message is longer. */
  get longest(): number {
    const longest = ({ texts }: Parts) => Math.max(0, ...texts.map((text) => this.#longest(text)));
    return longest(this.#prefixes) + longest(this.#lasts);
  }

  #longest(part: string): number {
    // Every byte may need a backslash.
    let bytes = 2 * Buffer.byteLength(part);
    for (let at = part.indexOf(MARK); at >= 0; at = part.indexOf(MARK, at + 2)) {
      const hole = this.#holes[part.charCodeAt(at + 1) - FIRST_HOLE];
      const longest = hole instanceof Memory ? hole.size : hole?.options.longest;
      bytes += 2 * (longest ?? LONGEST_PARAMETER);
    }
    return bytes;
  }

  /**
   * Appends the message with the number in `number` at the writer's cursor. All messages are known
   * by now, and another lane's number that is none of them is not looked up.
   */
  append(number: Cell, form: 'plain' | 'quoted'): void {
    const emit = this.#emit;
    const [prefix, last] = [emit.cell('prefix'), emit.cell('last part')];
    const [unknown, end] = [emit.label('unknown message'), emit.label('end of report')];
    emit.compute('shr', prefix, number, LAST_BITS);
    emit.compute('and', last, number, MOST_LASTS - 1);
    emit.branch(prefix, 'aboveOrEqual', this.#prefixes.texts.length, unknown);
    emit.branch(last, 'aboveOrEqual', this.#lasts.texts.length, unknown);
    emit.move(this.#quoting, form === 'quoted' ? 1 : 0);
    for (const [part, { table }] of [
      [prefix, this.#prefixes],
      [last, this.#lasts],
    ] as const) {
      emit.compute('mul', this.#source, part, 8);
      emit.add(this.#source, table);
      emit.load(this.#source, this.#source, 0, 8);
      emit.call(this.#routine);
    }
    emit.jump(end);
    emit.place(unknown);
    this.#writer.constant('unknown step');
    emit.place(end);
  }

  /** Lays out the messages and the subroutine that copies one. */
  finish(): void {
    this.#prefixes.layOut(this.#emit);
    this.#lasts.layOut(this.#emit);
    const put = this.#emit.label('put a byte');
    const fill = this.#emit.label('fill a hole');
    const at = this.#emit.cell('at');
    this.#copyBody(put, fill, at);
    this.#fillBody(put, fill, at);
    this.#putBody(put);
  }

  /** Appends the bytes at #source up to a NUL, with holes filled. */
  #copyBody(put: Label, fill: Label, at: Cell): void {
    const emit = this.#emit;
    const [source, byte] = [this.#source, this.#byte];
    const next = emit.label('next of message');
    const end = emit.label('end of message');
    const hole = emit.label('hole');
    emit.place(this.#routine);
    emit.place(next);
    emit.load(byte, source, 0, 1);
    emit.branch(byte, 'eq', 0, end);
    emit.add(source, 1);
    emit.branch(byte, 'eq', HOLE_MARK, hole);
    emit.call(put);
    emit.jump(next);
    emit.place(hole);
    emit.load(byte, source, 0, 1);
    emit.add(source, 1);
    this.#holes.forEach((hole, index) => {
      const other = emit.label('other hole');
      emit.branch(byte, 'ne', FIRST_HOLE + index, other);
      emit.move(at, hole instanceof Memory ? this.#args.region(hole) : this.#args.parameter(hole));
      emit.call(fill);
      emit.jump(next);
      emit.place(other);
    });
    emit.jump(next);
    emit.place(end);
    emit.return();
  }

  /** Appends what is at `at` up to a NUL: nothing where that is no address. */
  #fillBody(put: Label, fill: Label, at: Cell): void {
    const emit = this.#emit;
    const [next, end] = [emit.label('next of hole'), emit.label('end of hole')];
    emit.place(fill);
    emit.branch(at, 'eq', 0, end);
    emit.place(next);
    emit.load(this.#byte, at, 0, 1);
    emit.branch(this.#byte, 'eq', 0, end);
    emit.add(at, 1);
    emit.call(put);
    emit.jump(next);
    emit.place(end);
    emit.return();
  }

  /** Appends one byte, so that the message stays on one line, whatever is in it. */
  #putBody(put: Label): void {
    const emit = this.#emit;
    const byte = this.#byte;
    const cursor = this.#writer.cursor;
    const [control, visible] = [emit.label('control'), emit.label('visible')];
    const [escaped, store] = [emit.label('escape'), emit.label('store')];
    emit.place(put);
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
    emit.return();
  }
}

/** Strings that are known by their numbers at run time. */
class Parts {
  /** Pointers to them, whose place is known once all are. */
  readonly table: { section: 'constants'; offset: number } = { section: 'constants', offset: 0 };
  readonly texts: string[] = [];
  readonly #numbers = new Map<string, number>();

  constructor(first: string) {
    this.number(first);
  }

  number(text: string): number {
    let number = this.#numbers.get(text);
    if (number === undefined) {
      number = this.texts.push(text) - 1;
      this.#numbers.set(text, number);
    }
    return number;
  }

  layOut(emit: Emitter): void {
    this.table.offset = emit.constant(new Uint8Array(this.texts.length * 8)).offset;
    this.texts.forEach((text, number) => {
      emit.reference(this.table, number * 8, emit.string(text));
    });
  }
}
