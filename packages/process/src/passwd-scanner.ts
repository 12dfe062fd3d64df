import { compare, type Kernel, type Memory, type Value, type Variable } from '@oci/kernel';

const NEWLINE = 0x0a;
const COLON = 0x3a;
const ZERO = 0x30;
const NINE = 0x39;
const UID_FIELD = 2;
const HOME_FIELD = 5;

/** The bytes `HOME=/` and two NULs, as the word that they are in memory. */
const DEFAULT_HOME = 0x2f_3d_45_4d_4f_48;
const NAME = 'HOME='.length;
/** PATH_MAX, which includes the NUL. */
const LONGEST = 4096;

/** Above any id; a field that is no number is set to something greater. */
const LARGEST_ID = 0xffff_ffff;
const NO_ID = 2 ** 40;

/** What `found` holds: the line is still looked for, was read, or was not to be trusted. */
const SEARCHING = 0;
const FOUND = 1;
const GIVEN_UP = 2;

/**
 * Reads passwd(5) byte by byte and keeps the home directory of one user: the first line with that
 * id. What it does is recorded, not done, so its state is in a kernel's variables.
 */
export class PasswdScanner {
  /** `HOME=` and the directory, ended by NUL; what it says is final after {@link finish}. */
  readonly home: Memory;
  readonly #k: Kernel;
  readonly #uid: number;
  readonly #found: Variable;
  readonly #field: Variable;
  readonly #number: Variable;
  readonly #digits: Variable;
  readonly #matches: Variable;
  readonly #length: Variable;

  constructor(k: Kernel, uid: number) {
    this.#k = k;
    this.#uid = uid;
    this.home = k.memory('HOME', NAME + LONGEST);
    k.store(this.home, 0, 8, DEFAULT_HOME);
    this.#found = k.variable('passwd.found', SEARCHING);
    this.#field = k.variable('passwd.field', 0);
    this.#number = k.variable('passwd.number', 0);
    this.#digits = k.variable('passwd.digits', 0);
    this.#matches = k.variable('passwd.matches', 0);
    this.#length = k.variable('passwd.length', 0);
  }

  /** Zero while there is more to read. */
  get done(): Value {
    return this.#found.value;
  }

  /** Reads the next bytes, up to the end of the user's line. */
  scan(chunk: Memory, count: Value): void {
    const k = this.#k;
    const at = k.variable('passwd.at', 0);
    k.loop((leave) => {
      k.when(compare(at.value, '>=', count), leave);
      this.#byte(k.load(chunk, at.value, 1));
      k.when(compare(this.#found.value, '!=', SEARCHING), leave);
      k.set(at, k.compute(at.value, '+', 1));
    });
  }

  /** Takes what was read of the line as all there is of it. */
  endOfLine(): void {
    const k = this.#k;
    k.when(
      compare(this.#matches.value, '!=', 0),
      () => k.set(this.#found, FOUND),
      () => {
        for (const variable of [this.#field, this.#number, this.#digits, this.#length]) {
          k.set(variable, 0);
        }
      },
    );
  }

  /** Puts the default in place of a directory that was not read to its end. */
  finish(): void {
    const k = this.#k;
    k.when(compare(this.#found.value, '!=', FOUND), () => k.store(this.home, 0, 8, DEFAULT_HOME));
  }

  #byte(byte: Value): void {
    const k = this.#k;
    k.when(
      compare(byte, '==', NEWLINE),
      () => this.endOfLine(),
      () =>
        k.when(
          compare(byte, '==', COLON),
          () => this.#endOfField(),
          () => this.#character(byte),
        ),
    );
  }

  #endOfField(): void {
    const k = this.#k;
    k.when(compare(this.#field.value, '==', UID_FIELD), () =>
      k.when(compare(this.#digits.value, '>', 0), () =>
        k.when(compare(this.#number.value, '==', this.#uid), () => k.set(this.#matches, 1)),
      ),
    );
    k.set(this.#field, k.compute(this.#field.value, '+', 1));
  }

  #character(byte: Value): void {
    const k = this.#k;
    k.when(compare(this.#field.value, '==', UID_FIELD), () => this.#digit(byte));
    k.when(compare(this.#matches.value, '!=', 0), () =>
      k.when(compare(this.#field.value, '==', HOME_FIELD), () => this.#keep(byte)),
    );
  }

  #digit(byte: Value): void {
    const k = this.#k;
    k.set(this.#digits, 1);
    k.when(compare(byte, '<', ZERO), () => k.set(this.#number, NO_ID));
    k.when(compare(byte, '>', NINE), () => k.set(this.#number, NO_ID));
    // Stops growing beyond the ids, so that it never comes round to one.
    k.when(compare(this.#number.value, '<=', LARGEST_ID), () => {
      const shifted = k.compute(this.#number.value, '*', 10);
      k.set(this.#number, k.compute(shifted, '+', k.compute(byte, '-', ZERO)));
    });
  }

  #keep(byte: Value): void {
    const k = this.#k;
    k.when(
      compare(this.#length.value, '<', LONGEST - 1),
      () => {
        k.store(this.home, k.compute(this.#length.value, '+', NAME), 1, byte);
        k.set(this.#length, k.compute(this.#length.value, '+', 1));
      },
      () => k.set(this.#found, GIVEN_UP),
    );
  }
}
