const ALIGNMENT = 8;
const FIRST_SIZE = 32 * 1024;

/** A buffer that grows. */
export class Bytes {
  #buffer = Buffer.alloc(FIRST_SIZE);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Appends bytes where a struct may lie, and says where that is. */
  aligned(bytes: Uint8Array): number {
    this.align();
    this.#reserve(bytes.length);
    const at = this.#length;
    this.#buffer.set(bytes, at);
    this.#length += bytes.length;
    return at;
  }

  /** Appends a string with a NUL behind it. @throws TypeError when it has one inside */
  string(value: string): void {
    if (value.includes('\0')) throw new TypeError(`NUL byte in ${JSON.stringify(value)}`);
    // No character of UTF-16 takes more than three bytes in UTF-8.
    this.#reserve(value.length * 3 + 1);
    this.#length += this.#buffer.write(value, this.#length);
    this.#buffer[this.#length++] = 0;
  }

  align(): void {
    this.#reserve(ALIGNMENT);
    this.#length = (this.#length + ALIGNMENT - 1) & -ALIGNMENT;
  }

  taken(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#buffer.length) return;
    const larger = Buffer.alloc(2 * this.#buffer.length + bytes);
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }
}
