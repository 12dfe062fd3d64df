import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { checksum, fingerprint } from './fingerprint.ts';
import { makeDirectory } from './make-directory.ts';

export interface KeyedCacheOptions {
  /** More than these are not kept: the oldest goes first. */
  readonly most: number;
}

const HEADER_END = '\n';

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
      return this.#isOurs() ? readEntry(this.#file(key), key) : undefined;
    } catch {
      return undefined;
    }
  }

  /** Keeps some bytes. A cache that can't be written is no reason to fail. */
  keep(key: string, content: Uint8Array): void {
    try {
      makeDirectory(this.#directory);
      if (!this.#isOurs()) return;
      const header = JSON.stringify({ key, size: content.length, sum: checksum(content) });
      const file = this.#file(key);
      const unfinished = `${file}.${process.pid}`;
      // Whoever is killed meanwhile leaves one, which the next of the same number takes over.
      writeFileSync(unfinished, Buffer.concat([Buffer.from(header + HEADER_END), content]), {
        mode: 0o600,
      });
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

  #file(key: string): string {
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

function readEntry(file: string, key: string): Uint8Array | undefined {
  const entry = readOwnFile(file);
  if (!entry) return undefined;
  const end = entry.indexOf(HEADER_END);
  const header: unknown = JSON.parse(entry.toString('utf8', 0, end));
  if (!isHeader(header) || header.key !== key) return undefined;
  const content = entry.subarray(end + HEADER_END.length);
  return content.length === header.size && checksum(content) === header.sum ? content : undefined;
}

function readOwnFile(file: string): Buffer | undefined {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  const fd = openSync(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const stat = fstatSync(fd);
    return stat.isFile() && stat.uid === process.geteuid?.() ? readFileSync(fd) : undefined;
  } finally {
    closeSync(fd);
  }
}

interface Header {
  readonly key: string;
  readonly size: number;
  readonly sum: string;
}

function isHeader(value: unknown): value is Header {
  return (
    typeof value === 'object' &&
    value !== null &&
    'key' in value &&
    'size' in value &&
    'sum' in value
  );
}
