import { Memory } from '../memory.ts';
import type { Value } from '../values.ts';
import { asNumber, plain } from './words.ts';

export type Width = 1 | 2 | 4 | 8;

/** Writable bytes in this process, zero at the start. `bytes` is what the kernel fills. */
export class LiveMemory extends Memory {
  readonly bytes: Buffer;

  constructor(name: string, size: number) {
    super(size, name);
    this.bytes = Buffer.alloc(size);
  }

  /** The bytes before the first NUL, or all. */
  get text(): Buffer {
    const end = this.bytes.indexOf(0);
    return end < 0 ? this.bytes : this.bytes.subarray(0, end);
  }

  /** @throws RangeError outside of the memory. */
  load(offset: Value, width: Width): number {
    const at = this.#place(offset, width);
    return width === 8
      ? asNumber(this.bytes.readBigUInt64LE(at))
      : this.bytes.readUIntLE(at, width);
  }

  /** Writes the low bytes of the value. @throws RangeError outside of the memory. */
  store(offset: Value, width: Width, value: Value): void {
    const at = this.#place(offset, width);
    const word = BigInt.asUintN(width * 8, BigInt(plain(value)));
    if (width === 8) this.bytes.writeBigUInt64LE(word, at);
    else this.bytes.writeUIntLE(Number(word), at, width);
  }

  /** Writes bytes and a NUL to the start. @throws RangeError where they have no room. */
  storeText(bytes: Buffer): void {
    this.#place(0, bytes.length + 1);
    this.bytes.set(bytes);
    this.bytes[bytes.length] = 0;
  }

  #place(offset: Value, width: number): number {
    const at = Number(plain(offset));
    if (at < 0 || at + width > this.size)
      throw new RangeError(`${width} bytes at ${at} lie outside of ${this.name} (${this.size})`);
    return at;
  }
}

/** @throws TypeError for memory that another kind of kernel made. */
export function liveMemory(memory: Memory): LiveMemory {
  if (memory instanceof LiveMemory) return memory;
  throw new TypeError(`memory ${memory.name} belongs to a program, not to calls made now`);
}
