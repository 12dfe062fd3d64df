import {
  compare,
  type Kernel,
  type Memory,
  MNT_DETACH,
  O_CLOEXEC,
  O_PATH,
  O_RDONLY,
  type Text,
  text,
  type Value,
  type Variable,
} from '@oci/kernel';
import type { OpenMounts } from './context.ts';
import { coverDirectory } from './empty-directory.ts';

const MOST = 64;
const PATH_BYTES = 4096;

const SPACE = 0x20;
const NEWLINE = 0x0a;
const BACKSLASH = 0x5c;
const ZERO = 0x30;

/** Words as one number, as many bytes as a safe integer has room for. */
const packed = (word: string) => Number(`0x${Buffer.from(word).toString('hex')}`);
const FIVE_BYTES = 0xff_ffff_ffff;

/** Places of words in a line of mountinfo (proc_pid_mountinfo(5)); the type is behind a dash. */
const ROOT = 3;
const MOUNT_POINT = 4;
const OPTIONAL = 6;
const NONE = 0xffff;

/**
 * Opens every procfs and sysfs that is mounted in this namespace, whole. They are looked for when
 * the container starts and before it has mounts of its own: only the host's are found.
 */
export function openHostProcfs(k: Kernel): OpenMounts {
  const descriptors = k.memory('procfs and sysfs', MOST * 8);
  const count = k.variable('count', 0);
  const line = new MountinfoLine(k, (path) => {
    const found = k.openat(k.cwd, path, O_PATH | O_CLOEXEC, 0, { allow: ['EACCES', 'ENOENT'] });
    k.when(compare(found, '>=', 0), () => {
      k.when(compare(count.value, '==', MOST), () => k.fail('too many procfs and sysfs mounts'));
      k.store(descriptors, k.compute(count.value, '*', 8), 8, found);
      k.set(count, k.compute(count.value, '+', 1));
    });
  });
  const file = k.openat(k.cwd, '/proc/self/mountinfo', O_RDONLY | O_CLOEXEC);
  const buffer = k.memory('mountinfo', 4096);
  k.loop((leave) => {
    const length = k.read(file, buffer);
    k.when(compare(length, '==', 0), leave);
    const at = k.variable('at', 0);
    k.loop((done) => {
      k.when(compare(at.value, '==', length), done);
      line.take(k.load(buffer, at.value, 1));
      k.set(at, k.compute(at.value, '+', 1));
    });
  });
  k.close(file);
  return { descriptors, count: count.value };
}

/** Reads mountinfo byte by byte. */
class MountinfoLine {
  readonly #k: Kernel;
  readonly #found: (path: Text) => void;
  readonly #path: Memory;
  readonly #length: Variable;
  readonly #word: Variable;
  readonly #place: Variable;
  readonly #typePlace: Variable;
  readonly #whole: Variable;
  readonly #wanted: Variable;
  /** Of an escaped byte, `\040`: digits to come, and its value so far. */
  readonly #digits: Variable;
  readonly #escaped: Variable;

  /** @param found does something with the mount point of a procfs or sysfs */
  constructor(k: Kernel, found: (path: Text) => void) {
    this.#k = k;
    this.#found = found;
    this.#path = k.memory('mount point', PATH_BYTES);
    this.#length = k.variable('length', 0);
    this.#word = k.variable('word', 0);
    this.#place = k.variable('place', 0);
    this.#typePlace = k.variable('place of the type', NONE);
    this.#whole = k.variable('whole', 0);
    this.#wanted = k.variable('wanted', 0);
    this.#digits = k.variable('digits', 0);
    this.#escaped = k.variable('escaped', 0);
  }

  take(byte: Value): void {
    const k = this.#k;
    const inWord = () => {
      const word = k.compute(k.compute(this.#word.value, '&', FIVE_BYTES), '<<', 8);
      k.set(this.#word, k.compute(word, '|', byte));
      k.when(compare(this.#place.value, '==', MOUNT_POINT), () => this.#pathByte(byte));
    };
    const notSpace = () => k.when(compare(byte, '==', NEWLINE), () => this.#endLine(), inWord);
    k.when(compare(byte, '==', SPACE), () => this.#endWord(), notSpace);
  }

  #endWord(): void {
    const k = this.#k;
    const { value: word } = this.#word;
    const { value: place } = this.#place;
    k.when(compare(place, '==', ROOT), () =>
      k.when(compare(word, '==', packed('/')), () => k.set(this.#whole, 1)),
    );
    k.when(compare(place, '==', this.#typePlace.value), () => {
      for (const type of ['proc', 'sysfs'])
        k.when(compare(word, '==', packed(type)), () => k.set(this.#wanted, 1));
    });
    k.when(compare(place, '>=', OPTIONAL), () =>
      k.when(compare(word, '==', packed('-')), () =>
        k.set(this.#typePlace, k.compute(place, '+', 1)),
      ),
    );
    k.set(this.#place, k.compute(place, '+', 1));
    k.set(this.#word, 0);
  }

  #endLine(): void {
    const k = this.#k;
    k.store(this.#path, this.#length.value, 1, 0);
    const both = k.compute(this.#whole.value, '&', this.#wanted.value);
    k.when(compare(both, '==', 1), () => this.#found(text`${this.#path}`));
    k.set(this.#typePlace, NONE);
    for (const variable of [this.#length, this.#word, this.#place, this.#whole, this.#wanted])
      k.set(variable, 0);
  }

  #pathByte(byte: Value): void {
    const k = this.#k;
    const digit = () => {
      const value = k.compute(k.compute(this.#escaped.value, '<<', 3), '+', byte);
      k.set(this.#escaped, k.compute(value, '-', ZERO));
      k.set(this.#digits, k.compute(this.#digits.value, '-', 1));
      k.when(compare(this.#digits.value, '==', 0), () => this.#append(this.#escaped.value));
    };
    const begin = () => {
      k.set(this.#digits, 3);
      k.set(this.#escaped, 0);
    };
    const plain = () => k.when(compare(byte, '==', BACKSLASH), begin, () => this.#append(byte));
    k.when(compare(this.#digits.value, '>', 0), digit, plain);
  }

  #append(byte: Value): void {
    const k = this.#k;
    k.when(compare(this.#length.value, '==', PATH_BYTES - 1), () =>
      k.fail('a mount point has too long a path'),
    );
    k.store(this.#path, this.#length.value, 1, byte);
    k.set(this.#length, k.compute(this.#length.value, '+', 1));
  }
}

/** Unmounts them or, where they are locked, covers them; those inside of others first. */
export function hideHostProcfs(k: Kernel, { descriptors, count }: OpenMounts): void {
  const left = k.variable('left', count);
  k.loop((leave) => {
    k.when(compare(left.value, '==', 0), leave);
    k.set(left, k.compute(left.value, '-', 1));
    const mount = k.load(descriptors, k.compute(left.value, '*', 8), 8);
    k.fchdir(mount);
    k.attempt(
      ['EINVAL', 'EPERM'],
      () => k.umount2('.', MNT_DETACH),
      () => coverDirectory(k, mount),
    );
    k.close(mount);
  });
}
