import type { Label } from '../instructions.ts';

/** One way to encode something that depends on how far away its target is. */
export interface Form {
  readonly size: number;
  /** Distances are counted from the first byte of the form. */
  spans(distance: number): boolean;
  /** Returns `size` bytes. */
  encode(distance: number): readonly number[];
}

/** Code that reaches for a label or an address. */
interface Reach {
  readonly target: Label | number;
  /** From the shortest to the longest; the first that spans the distance is taken. */
  readonly forms: readonly Form[];
  /** How many bytes that are not part of reaches come before it. */
  readonly plainBefore: number;
  /** Which of the forms it takes. */
  form: number;
}

interface Mark {
  readonly label: Label;
  readonly plainBefore: number;
  readonly reachesBefore: number;
}

export interface Linked {
  readonly bytes: Uint8Array;
  readonly labels: ReadonlyMap<Label, number>;
}

/** Whether a value fits a signed field of that many bits. */
export function fitsSigned(value: number, bits: number): boolean {
  const half = 2 ** (bits - 1);
  return value >= -half && value < half;
}

/** Takes machine code in pieces, one after the other, and makes it reach its labels. */
export class Linker {
  readonly #plain: number[] = [];
  readonly #reaches: Reach[] = [];
  readonly #marks: Mark[] = [];

  /** Bytes that are the same wherever they are. */
  code(bytes: readonly number[]): void {
    for (const byte of bytes) this.#plain.push(byte);
  }

  reach(target: Label | number, forms: readonly Form[]): void {
    this.#reaches.push({ target, forms, plainBefore: this.#plain.length, form: 0 });
  }

  label(label: Label): void {
    const [plainBefore, reachesBefore] = [this.#plain.length, this.#reaches.length];
    this.#marks.push({ label, plainBefore, reachesBefore });
  }

  /** Every reach starts in its shortest form and only ever grows, so this ends. */
  link(start: number): Linked {
    for (;;) {
      const offsets = this.#offsets();
      const labels = this.#labels(start, offsets);
      const distances = this.#reaches.map(({ target }, at) => {
        const address = typeof target === 'number' ? target : labels.get(target);
        if (address !== undefined) return address - start - (offsets[at] ?? 0);
        throw new Error(`Label ${typeof target === 'object' ? target.name : ''} is not placed`);
      });
      if (!this.#grow(distances)) return { bytes: this.#write(distances), labels };
    }
  }

  /** Where the reaches are, and at last the end. */
  #offsets(): number[] {
    let reached = 0;
    const offsets = this.#reaches.map(({ plainBefore, forms, form }) => {
      const offset = plainBefore + reached;
      reached += forms[form]?.size ?? 0;
      return offset;
    });
    return [...offsets, this.#plain.length + reached];
  }

  #labels(start: number, offsets: readonly number[]): Map<Label, number> {
    const labels = new Map<Label, number>();
    for (const { label, plainBefore, reachesBefore } of this.#marks) {
      if (labels.has(label)) throw new Error(`Label ${label.name} is placed twice`);
      // From the label to the next reach, or the end, all is plain.
      const next = this.#reaches[reachesBefore]?.plainBefore ?? this.#plain.length;
      labels.set(label, start + (offsets[reachesBefore] ?? 0) - (next - plainBefore));
    }
    return labels;
  }

  /** Returns whether a form had to grow, which moves all that follows. */
  #grow(distances: readonly number[]): boolean {
    let grown = false;
    for (const [at, reach] of this.#reaches.entries()) {
      const distance = distances[at] ?? 0;
      while (!reach.forms[reach.form]?.spans(distance)) {
        grown = true;
        if (++reach.form < reach.forms.length) continue;
        throw new RangeError(`No jump spans ${distance} bytes: the launcher is too large`);
      }
    }
    return grown;
  }

  #write(distances: readonly number[]): Uint8Array {
    const plain = Uint8Array.from(this.#plain);
    const bytes = new Uint8Array(this.#offsets().at(-1) ?? 0);
    let written = 0;
    let from = 0;
    const write = (code: ArrayLike<number>) => {
      bytes.set(code, written);
      written += code.length;
    };
    for (const [at, { plainBefore, forms, form }] of this.#reaches.entries()) {
      write(plain.subarray(from, plainBefore));
      write(forms[form]?.encode(distances[at] ?? 0) ?? []);
      from = plainBefore;
    }
    write(plain.subarray(from));
    return bytes;
  }
}
