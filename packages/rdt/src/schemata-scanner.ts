import { compare, type Kernel, type Memory, type Value, type Variable } from '@oci/kernel';
import { type Allotment, radixOf } from './schema.ts';

const BLANK = 0x20;
const NEWLINE = 0x0a;
const SEMICOLON = 0x3b;
const EQUALS = 0x3d;

/** Each range of characters that are digits, and the value of the first one. */
const decimal = [['0', '9', 0]] as const;
const hexadecimal = [...decimal, ['a', 'f', 10], ['A', 'F', 10]] as const;
const NO_DIGIT = 99;

/** The widths that memory is read by, widest first. */
const widths = [4, 2, 1] as const;

/**
 * Reads a `schemata` file (resctrl.rst, "Schemata files") and counts which of the allotments that are
 * expected it has. What it does is recorded, not done, so its state is in a kernel's variables. Where
 * it reads beyond the text there has to be a NUL, and room for a word.
 */
export class SchemataScanner {
  readonly #k: Kernel;
  readonly #text: Memory;
  readonly #length: Value;
  readonly #at: Variable;
  readonly #number: Variable;
  readonly #domain: Variable;
  /** For each kind that is expected, whether it was found. */
  readonly #found: ReadonlyMap<Allotment, Variable>;

  constructor(k: Kernel, text: Memory, length: Value, expected: readonly Allotment[]) {
    this.#k = k;
    this.#text = text;
    this.#length = length;
    this.#at = k.variable('schemata.at', 0);
    this.#number = k.variable('schemata.number', 0);
    this.#domain = k.variable('schemata.domain', 0);
    this.#found = new Map(expected.map((each) => [each, k.variable('schemata.found', 0)]));
  }

  scan(): void {
    const k = this.#k;
    const resources = new Set([...this.#found.keys()].map(({ resource }) => resource));
    k.loop((leave) => {
      k.when(compare(this.#at.value, '>=', this.#length), leave);
      this.#skipBlanks();
      for (const resource of resources) {
        this.#whenNext(`${resource}:`, () => this.#domains(resource));
      }
      this.#skipLine();
    });
  }

  /** After {@link scan}: runs `body` where the file has it otherwise, or not at all. */
  whenMissing(allotment: Allotment, body: () => void): void {
    const found = this.#found.get(allotment);
    if (found === undefined) throw new Error(`${allotment.resource} was not looked for`);
    this.#k.when(compare(found.value, '==', 0), body);
  }

  /** `0=7ff;1=7ff`, with numbers that may be padded by blanks. */
  #domains(resource: string): void {
    const k = this.#k;
    k.loop((leave) => {
      this.#readNumber(10);
      k.set(this.#domain, this.#number.value);
      k.when(compare(this.#byte(), '!=', EQUALS), leave);
      this.#advance(1);
      this.#readNumber(radixOf(resource));
      this.#note(resource);
      k.when(compare(this.#byte(), '!=', SEMICOLON), leave);
      this.#advance(1);
    });
  }

  #note(resource: string): void {
    const k = this.#k;
    for (const [expected, found] of this.#found) {
      if (expected.resource !== resource) continue;
      k.when(compare(this.#domain.value, '==', expected.domain), () =>
        k.when(compare(this.#number.value, '==', expected.value), () => k.set(found, 1)),
      );
    }
  }

  #readNumber(radix: 10 | 16): void {
    const k = this.#k;
    const digit = k.variable('schemata.digit', NO_DIGIT);
    this.#skipBlanks();
    k.set(this.#number, 0);
    k.loop((leave) => {
      const byte = this.#byte();
      k.set(digit, NO_DIGIT);
      for (const [first, last, value] of radix === 10 ? decimal : hexadecimal) {
        const code = first.charCodeAt(0);
        k.when(compare(byte, '>=', code), () =>
          k.when(compare(byte, '<=', last.charCodeAt(0)), () =>
            k.set(digit, k.compute(k.compute(byte, '-', code), '+', value)),
          ),
        );
      }
      k.when(compare(digit.value, '==', NO_DIGIT), leave);
      const shifted = k.compute(this.#number.value, '*', radix);
      k.set(this.#number, k.compute(shifted, '+', digit.value));
      this.#advance(1);
    });
  }

  /** Where these characters come next, goes on behind them and runs `then`. */
  #whenNext(characters: string, then: () => void): void {
    const k = this.#k;
    const bytes = Buffer.from(characters);
    const match = (offset: number): void => {
      const width = widths.find((each) => offset + each <= bytes.length);
      if (width === undefined) {
        this.#advance(bytes.length);
        then();
        return;
      }
      const word = k.load(this.#text, k.compute(this.#at.value, '+', offset), width);
      k.when(compare(word, '==', bytes.readUIntLE(offset, width)), () => match(offset + width));
    };
    match(0);
  }

  #skipBlanks(): void {
    this.#k.loop((leave) => {
      this.#k.when(compare(this.#byte(), '!=', BLANK), leave);
      this.#advance(1);
    });
  }

  #skipLine(): void {
    const k = this.#k;
    k.loop((leave) => {
      k.when(compare(this.#at.value, '>=', this.#length), leave);
      const byte = this.#byte();
      this.#advance(1);
      k.when(compare(byte, '==', NEWLINE), leave);
    });
  }

  #byte(): Value {
    return this.#k.load(this.#text, this.#at.value, 1);
  }

  #advance(count: number): void {
    this.#k.set(this.#at, this.#k.compute(this.#at.value, '+', count));
  }
}
