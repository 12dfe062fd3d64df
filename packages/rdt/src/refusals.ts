import {
  compare,
  type ErrnoName,
  errnoMessage,
  errnoNumber,
  type Kernel,
  type Memory,
  O_CLOEXEC,
  O_RDONLY,
  type Text,
  text,
  type Value,
} from '@oci/kernel';

/** What resctrl refuses a command with, having said why. */
const errnos: readonly ErrnoName[] = [
  'EINVAL',
  'ENOSPC',
  'EBUSY',
  'EPERM',
  'EACCES',
  'ENODEV',
  'ESRCH',
  'ENOENT',
];
const NONE = 0;
const LONGEST = 512;
const NEWLINE = 0x0a;
/** The bytes `ok` and a newline, as the word that they are in memory. */
const OK = 0x0a_6b_6f;

/**
 * Adds the kernel's own words to the message of a command that it refuses (resctrl.rst,
 * "info/last_cmd_status"), if they can be read: an EINVAL could be anything.
 */
export class Refusals {
  readonly #k: Kernel;
  readonly #root: string;
  readonly #status: Memory;

  constructor(k: Kernel, root: string) {
    this.#k = k;
    this.#root = root;
    this.#status = k.memory('last_cmd_status', LONGEST + 1);
  }

  /**
   * Runs a command of resctrl.
   *
   * @param what names the file and the call, for the message
   */
  explain(what: Text, command: () => void): void {
    const k = this.#k;
    const refused = k.variable('refused', NONE);
    const noting = errnos.reduce(
      (inner, name) => () => k.attempt([name], inner, () => k.set(refused, errnoNumber(name))),
      command,
    );
    noting();
    k.when(compare(refused.value, '!=', NONE), () => this.#fail(what, refused.value));
  }

  #fail(what: Text, refused: Value): void {
    const k = this.#k;
    const status = this.#readStatus();
    for (const number of errnos.map(errnoNumber)) {
      k.when(compare(refused, '==', number), () => {
        const message = text`${what}: ${errnoMessage(number)}`;
        k.when(
          compare(status, '!=', NONE),
          () => k.fail(text`${message}: ${this.#status}`),
          () => k.fail(message),
        );
      });
    }
  }

  /** Zero where the kernel has nothing to say. */
  #readStatus(): Value {
    const k = this.#k;
    const says = k.variable('says', NONE);
    const path = `${this.#root}/info/last_cmd_status`;
    const file = k.openat(k.cwd, path, O_RDONLY | O_CLOEXEC, 0, { allow: 'any' });
    k.when(compare(file, '>=', 0), () => {
      const count = k.read(file, this.#status, LONGEST, { allow: 'any' });
      k.when(compare(count, '>', 0), () =>
        k.when(compare(k.load(this.#status, 0, 4), '!=', OK), () => {
          this.#endAtNewline();
          k.set(says, 1);
        }),
      );
    });
    return says.value;
  }

  /** A message is one line. */
  #endAtNewline(): void {
    const k = this.#k;
    const at = k.variable('status.at', 0);
    k.loop((leave) => {
      const byte = k.load(this.#status, at.value, 1);
      k.when(compare(byte, '==', 0), leave);
      k.when(compare(byte, '==', NEWLINE), () => {
        k.store(this.#status, at.value, 1, 0);
        leave();
      });
      k.set(at, k.compute(at.value, '+', 1));
    });
  }
}
