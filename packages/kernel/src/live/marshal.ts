import type { Memory } from '../memory.ts';
import { type Argument, type Field, Struct, Vector } from '../struct.ts';
import { Parameter, Template, type Text } from '../text.ts';
import { Cell, type Value } from '../values.ts';
import { Arena } from './arena.ts';
import { textBytes } from './bytes.ts';
import { liveMemory } from './memory.ts';
import { plain } from './words.ts';

/** A register's content. */
export type Word = number | bigint;

const POINTER = 8;

function isText(argument: Argument): argument is Text {
  return (
    typeof argument === 'string' || argument instanceof Template || argument instanceof Parameter
  );
}

function isValue(argument: Argument): argument is Value {
  return typeof argument === 'number' || typeof argument === 'bigint' || argument instanceof Cell;
}

/** Lays a call's arguments out as the kernel reads them. */
export class Marshaller {
  readonly #arena: Arena;
  readonly #address: (bytes: Uint8Array) => number;
  /** The caller's bytes that the call points to, so that they are not collected under it. */
  #borrowed: Uint8Array[] = [];

  /** @param address where bytes lie in this process; they must not move afterwards. */
  constructor(address: (bytes: Uint8Array) => number) {
    this.#address = address;
    this.#arena = new Arena(address);
  }

  /**
   * What the registers hold for these arguments. What they point to lives until the next call of
   * this method.
   *
   * @throws TypeError for what only exists in programs: cells, parameters, and texts with such holes.
   * @throws RangeError for a number that its field or register cannot hold.
   */
  words(args: readonly Argument[]): Word[] {
    this.#arena.reset();
    if (this.#borrowed.length > 0) this.#borrowed = [];
    return args.map((argument) => this.#word(argument));
  }

  #word(argument: Argument): Word {
    if (argument === null) return 0;
    if (!isValue(argument)) return this.#pointer(argument);
    const value = plain(argument);
    if (typeof value === 'bigint' && (value < -(1n << 63n) || value >= 1n << 64n))
      throw new RangeError(`${value} does not fit 64 bits`);
    // The signature is of signed words.
    return typeof value === 'bigint' ? BigInt.asIntN(64, value) : value;
  }

  #pointer(argument: Text | Uint8Array | Struct | Vector | Memory): number {
    if (isText(argument)) return this.#text(argument);
    if (argument instanceof Vector) return this.#vector(argument);
    if (argument instanceof Struct) return this.#struct(argument);
    return this.#foreign(argument instanceof Uint8Array ? argument : liveMemory(argument).bytes);
  }

  /** An empty array has no address of its own; the kernel is still owed one that is not NULL. */
  #foreign(bytes: Uint8Array): number {
    if (bytes.byteLength === 0) return this.#arena.take(1).address;
    this.#borrowed.push(bytes);
    return this.#address(bytes);
  }

  #text(text: Text): number {
    const bytes = textBytes(text);
    // The kernel would stop there, and do its work on another name than the one it was given.
    if (bytes.includes(0))
      throw new TypeError(
        `a text for the kernel has a NUL in it: ${JSON.stringify(String(bytes))}`,
      );
    const piece = this.#arena.take(bytes.length + 1);
    bytes.copy(piece.bytes, piece.start);
    return piece.address;
  }

  #vector({ items }: Vector): number {
    const { bytes, start, address } = this.#arena.take((items.length + 1) * POINTER);
    items.forEach((item, index) => {
      bytes.writeBigUInt64LE(BigInt(this.#text(item)), start + index * POINTER);
    });
    return address;
  }

  #struct(struct: Struct): number {
    const { bytes, start, address } = this.#arena.take(Math.max(struct.size, 1));
    for (const field of struct.fields) {
      const bits = field.width * 8;
      const word = BigInt.asUintN(bits, this.#field(struct, field));
      const at = start + field.offset;
      if (field.width === 8) bytes.writeBigUInt64LE(word, at);
      else bytes.writeUIntLE(Number(word), at, field.width);
    }
    return address;
  }

  #field(struct: Struct, { name, width, value }: Field): bigint {
    const where = `${struct.name}.${name}`;
    if (value === null) return 0n;
    if (!isValue(value)) {
      if (width !== POINTER) throw new TypeError(`${where} is too small for an address`);
      return BigInt(this.#pointer(value));
    }
    const word = BigInt(plain(value));
    const bits = BigInt(width * 8);
    if (word < -(1n << (bits - 1n)) || word >= 1n << bits)
      throw new RangeError(`${where} is ${word}, which does not fit ${bits} bits`);
    return word;
  }
}
