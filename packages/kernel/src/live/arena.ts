/** Where a piece of the arena lies: for us, and for the kernel. */
export interface Piece {
  readonly bytes: Buffer;
  /** The first byte's place in `bytes`. */
  readonly start: number;
  readonly address: number;
}

interface Chunk {
  readonly bytes: Buffer;
  readonly address: number;
}

/** The C side of most system calls fits: a path is at most 4096 bytes, a struct a few dozen. */
const CHUNK = 16 * 1024;
const ALIGNMENT = 16;

/**
 * The memory that one call's arguments are laid out in. It outlives the call, so nothing that the
 * kernel is handed can be collected under it, and it is used again by the next one.
 */
export class Arena {
  readonly #address: (bytes: Uint8Array) => number;
  readonly #first: Chunk;
  #more: Chunk[] = [];
  #used = 0;

  constructor(address: (bytes: Uint8Array) => number) {
    this.#address = address;
    this.#first = this.#chunk(CHUNK);
  }

  /** Forgets the last call's arguments. */
  reset(): void {
    this.#used = 0;
    if (this.#more.length > 0) this.#more = [];
  }

  /** Zeroed bytes, aligned for any struct. */
  take(size: number): Piece {
    const start = this.#used;
    if (start + size <= CHUNK) {
      this.#used = (start + size + ALIGNMENT - 1) & -ALIGNMENT;
      const { bytes, address } = this.#first;
      bytes.fill(0, start, start + size);
      return { bytes, start, address: address + start };
    }
    const chunk = this.#chunk(size);
    this.#more.push(chunk);
    return { ...chunk, start: 0 };
  }

  #chunk(size: number): Chunk {
    const bytes = Buffer.alloc(size);
    return { bytes, address: this.#address(bytes) };
  }
}
