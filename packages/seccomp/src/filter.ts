import { checkFilter } from './bpf/check.ts';

/** `struct sock_filter` of linux/filter.h. */
export interface Instruction {
  readonly code: number;
  /** How many instructions a jump skips if its comparison holds, and if not. */
  readonly jt: number;
  readonly jf: number;
  readonly k: number;
}

/** The size of an instruction in bytes. */
export const INSTRUCTION_SIZE = 8;

/** Not a filter that Linux would load. */
export class FilterError extends Error {
  override readonly name = 'FilterError';
}

/** A filter as Linux loads it, checked as Linux checks it. */
export class Filter {
  /** `struct sock_filter[]`: u16 code, u8 jt, u8 jf, u32 k, little-endian. Not to be changed. */
  readonly bytes: Uint8Array;
  #words: Uint32Array | undefined;

  /** @throws FilterError */
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    const problem = checkFilter(this.words, bytes.length / INSTRUCTION_SIZE);
    if (problem) throw new FilterError(problem);
  }

  /** How many instructions it has. */
  get length(): number {
    return this.bytes.length / INSTRUCTION_SIZE;
  }

  /** Two words an instruction: code, jt and jf from the lowest bit up; then k. */
  get words(): Uint32Array {
    if (!this.#words) {
      const view = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.byteLength);
      this.#words = new Uint32Array(this.bytes.length >> 2);
      for (let i = 0; i < this.#words.length; i++) this.#words[i] = view.getUint32(4 * i, true);
    }
    return this.#words;
  }

  get instructions(): readonly Instruction[] {
    return Array.from({ length: this.length }, (_, i) => {
      const head = this.words[2 * i] ?? 0;
      const k = this.words[2 * i + 1] ?? 0;
      return { code: head & 0xffff, jt: (head >>> 16) & 0xff, jf: head >>> 24, k };
    });
  }
}

/**
 * A filter from its bytes, as libseccomp exports it and Linux loads it.
 * @throws FilterError names the instruction that Linux would refuse.
 */
export function parseFilter(bytes: Uint8Array): Filter {
  return new Filter(bytes.slice());
}
