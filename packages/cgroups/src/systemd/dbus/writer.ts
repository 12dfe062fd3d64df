/** What a message is made of: bytes, some of which are filled when it is sent. */
export interface Written {
  readonly bytes: Uint8Array;
  /** Where 32-bit words are missing. */
  readonly holes: readonly number[];
}

/** Lays values out as D-Bus marshals them, little-endian (D-Bus specification, "Marshaling"). */
export class Writer {
  readonly #bytes: number[] = [];
  readonly #holes: number[] = [];

  /** Pads with zeros up to a multiple of so many bytes. */
  align(boundary: number): void {
    while (this.#bytes.length % boundary !== 0) this.#bytes.push(0);
  }

  /** A number at its natural boundary. */
  number(value: bigint, width: 1 | 2 | 4 | 8): void {
    this.align(width);
    const word = BigInt.asUintN(64, value);
    for (let byte = 0; byte < width; byte++)
      this.#bytes.push(Number((word >> BigInt(byte * 8)) & 0xffn));
  }

  bytes(bytes: Uint8Array): void {
    this.#bytes.push(...bytes);
  }

  hole(): void {
    this.align(4);
    this.#holes.push(this.#bytes.length);
    this.number(0n, 4);
  }

  /** The bytes that `body` writes, behind their count; padding before the first is not counted. */
  counted(boundary: number, body: () => void): void {
    this.number(0n, 4);
    const at = this.#bytes.length - 4;
    this.align(boundary);
    const start = this.#bytes.length;
    body();
    const count = this.#bytes.length - start;
    for (let byte = 0; byte < 4; byte++) this.#bytes[at + byte] = (count >>> (byte * 8)) & 0xff;
  }

  get written(): Written {
    return { bytes: Uint8Array.from(this.#bytes), holes: this.#holes };
  }
}
