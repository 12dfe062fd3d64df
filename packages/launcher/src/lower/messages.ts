import { Cell, Memory, type Parameter, Template, type Text } from '@oci/kernel';
import type { Label } from '../instructions.ts';
import { oneLine } from '../one-line.ts';
import type { Arguments } from './arguments.ts';
import type { Emitter } from './emitter.ts';
import type { Writer } from './writer.ts';

/** Stands in a laid-out message for the launch parameter whose index, plus one, follows. */
const PARAMETER_MARK = 0x01;
const MARK = String.fromCharCode(PARAMETER_MARK);

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
  readonly #parameters: readonly Parameter[];
  readonly #numbers = new Map<string, number>();
  readonly #tables: Record<Form, Table>;
  readonly #routine: Label;
  readonly #source: Cell;
  /** Whether the message is written as part of a quoted string: then parameters are escaped. */
  readonly #quoting: Cell;

  constructor(emit: Emitter, writer: Writer, args: Arguments, parameters: readonly Parameter[]) {
    this.#emit = emit;
    this.#writer = writer;
    this.#args = args;
    this.#parameters = parameters;
    this.#routine = emit.label('message');
    this.#source = emit.cell('message');
    this.#quoting = emit.cell('quoting');
    const table = (): Table => ({ address: { section: 'constants', offset: 0 }, used: false });
    this.#tables = { plain: table(), quoted: table() };
  }

  /** The number of a failure: what was being done, and the call that failed. */
  number(doing: readonly string[], last: Text): number {
    const parts = last instanceof Template ? last.parts : [last];
    const words = parts.map((part) => {
      if (typeof part === 'string') return oneLine(part);
      if (part instanceof Cell || part instanceof Memory)
        throw new TypeError('a failure message can only hold launch parameters');
      return MARK + String.fromCharCode(this.#parameters.indexOf(part) + 1);
    });
    const message = [...doing.map(oneLine), words.join('')].join(': ');
    let number = this.#numbers.get(message);
    if (number === undefined) {
      number = this.#numbers.size;
      this.#numbers.set(message, number);
    }
    return number;
  }

  /** The most bytes that a message can take. */
  get longest(): number {
    return Math.max(0, ...[...this.#numbers.keys()].map((text) => this.#longest(text)));
  }

  #longest(message: string): number {
    let bytes = Buffer.byteLength(quoted(message));
    for (let at = message.indexOf(MARK); at >= 0; at = message.indexOf(MARK, at + 2)) {
      const parameter = this.#parameters[message.charCodeAt(at + 1) - 1];
      // Every byte may need a backslash.
      bytes += 2 * (parameter?.options.longest ?? LONGEST_PARAMETER);
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
    emit.branch(byte, 'ne', PARAMETER_MARK, plain);
    emit.load(byte, this.#source, 0, 1);
    emit.add(this.#source, 1);
    this.#parameters.forEach((parameter, index) => {
      const other = emit.label('other parameter');
      emit.branch(byte, 'ne', index + 1, other);
      this.#parameter(this.#args.parameter(parameter), byte);
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

  /** Appends what was given, on one line whatever is in it. */
  #parameter(given: Cell, byte: Cell): void {
    const emit = this.#emit;
    const cursor = this.#writer.cursor;
    const [next, end] = [emit.label('next of parameter'), emit.label('end of parameter')];
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
