import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fingerprint } from './fingerprint.ts';
import { makeDirectory } from './make-directory.ts';

export interface KeyedCacheOptions {
  /** More than these are not kept: the oldest goes first. */
  readonly most: number;
}

const SUM_BYTES = 16;
const HEAD_BYTES = SUM_BYTES + 4;

/**
 * Files that are found by everything they were made from, in full: nothing stale is ever found. Who
 * could write here could make this user run what he likes, so a directory that others may write to
 * is not used; nor is an entry that is damaged, of another key, or no plain file of this user's.
 */
export class KeyedCache {
  readonly #directory: string;
  readonly #most: number;

  /** @param directory made when something is kept, with mode 0700 */
  constructor(directory: string, { most }: KeyedCacheOptions) {
    this.#directory = directory;
    this.#most = most;
  }

  /** Whatever is wrong with an entry, or with the directory, there is none then. */
  find(key: string): Uint8Array | undefined {
    try {
      const bytes = Buffer.from(key);
      return this.#isOurs() ? readEntry(this.#file(bytes), bytes) : undefined;
    } catch {
      return undefined;
    }
  }

  /** Keeps some bytes. A cache that can't be written is no reason to fail. */
  keep(key: string, content: Uint8Array): void {
    try {
      makeDirectory(this.#directory);
      if (!this.#isOurs()) return;
      const bytes = Buffer.from(key);
      const file = this.#file(bytes);
      const unfinished = `${file}.${process.pid}`;
      // Whoever is killed meanwhile leaves one, which the next of the same number takes over.
      writeFileSync(unfinished, entryOf(bytes, content), { mode: 0o600 });
      renameSync(unfinished, file);
      this.#forgetOldest();
    } catch {
      // The next time it is made again.
    }
  }

  #isOurs(): boolean {
    const { uid, mode } = lstatSync(this.#directory);
    const directory = 0o040000;
    return uid === process.geteuid?.() && (mode & 0o170077) === directory;
  }

  #file(key: Uint8Array): string {
    return join(this.#directory, fingerprint(key));
  }

  #forgetOldest(): void {
    const names = readdirSync(this.#directory);
    if (names.length <= this.#most) return;
    const byAge = names
      .map((name) => join(this.#directory, name))
      .map((path) => ({ path, time: statSync(path).mtimeMs }))
      .sort((a, b) => a.time - b.time);
    for (const { path } of byAge.slice(0, names.length - this.#most)) rmSync(path, { force: true });
  }
}

/** The content's fingerprint and the key's length, the key, and the content. */
function entryOf(key: Uint8Array, content: Uint8Array): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.write(fingerprint(content), 'latin1');
  head.writeUInt32LE(key.length, SUM_BYTES);
  return Buffer.concat([head, key, content]);
}

function readEntry(file: string, key: Uint8Array): Uint8Array | undefined {
  const entry = readOwnFile(file);
  if (!entry || entry.length < HEAD_BYTES) return undefined;
  const end = HEAD_BYTES + entry.readUInt32LE(SUM_BYTES);
  if (!entry.subarray(HEAD_BYTES, end).equals(key)) return undefined;
  const content = entry.subarray(end);
  return fingerprint(content) === entry.toString('latin1', 0, SUM_BYTES) ? content : undefined;
}

function readOwnFile(file: string): Buffer | undefined {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  const fd = openSync(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile() || stat.uid !== process.geteuid?.()) return undefined;
    const bytes = Buffer.allocUnsafe(stat.size);
    return bytes.subarray(0, readSync(fd, bytes));
  } finally {
    closeSync(fd);
  }
}
