import type { Label } from '../instructions.ts';

/** Whether a value is an integer that fits a signed field of that many bits, at most 32. */
export function fitsSigned(value: number, bits: number): boolean {
  return (value << (32 - bits)) >> (32 - bits) === value;
}

/** The largest piece that is written at once. */
const pieceSize = 4;

/**
 * Machine code, written front to back at its final address. Mostly this runs in a process that has
 * just started, where V8 interprets what it has not compiled yet. So pieces are written in place,
 * without arrays for them, and only once: what depends on a label has the size that any distance
 * takes, and is filled in at the end.
 */
export abstract class Code {
  readonly address: number;
  /** The addresses of those that were placed. */
  readonly labels = new Map<Label, number>();
  protected readonly view: DataView;
  /** What depends on labels, by offset. */
  readonly #reaches = new Map<number, Label>();
  protected at = 0;

  constructor(address: number, room: number) {
    this.address = address;
    this.view = new DataView(new ArrayBuffer(room + pieceSize));
  }

  /** The address of what is written next. */
  get here(): number {
    return this.address + this.at;
  }

  place(label: Label): void {
    if (this.labels.has(label)) throw new Error(`Label ${label.name} is placed twice`);
    this.labels.set(label, this.address + this.at);
  }

  /** Fills in the distances to labels, and returns the code. */
  finish(): Uint8Array {
    const { address, labels } = this;
    this.#reaches.forEach((label, at) => {
      const target = labels.get(label);
      if (target === undefined) throw new Error(`Label ${label.name} is not placed`);
      this.fill(at, target - address - at);
    });
    return new Uint8Array(this.view.buffer, 0, this.at);
  }

  /** Up to four bytes, the first in the lowest bits. The bits above them are written over later. */
  protected put(bits: number, size: number): void {
    this.view.setInt32(this.at, bits, true);
    this.at += size;
  }

  /** Makes the last four bytes depend on how far away a label is. */
  protected reach(label: Label): void {
    this.#reaches.set(this.at - 4, label);
  }

  /** Completes what reaches for a label that is this far away, counted from its first byte. */
  protected abstract fill(at: number, distance: number): void;
}
