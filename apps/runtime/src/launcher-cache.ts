import {
  lstatSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { makeDirectory } from './make-directory.ts';

/** More than anybody starts in turn; at about 70 KB each. */
const MOST_ENTRIES = 64;
const HEADER_END = '\n\n';

/** A compiled launcher, with the warnings that its compilation gave. */
export interface CachedLauncher {
  readonly launcher: Uint8Array;
  readonly warnings: readonly string[];
}

/**
 * Launchers that were compiled before, so that a cold command need not compile again. A launcher is
 * found by everything that its compilation read, in full: nothing stale is ever run. Whoever could
 * write here could run code as this user, so a directory that others may write to is not used.
 */
export class LauncherCache {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Whatever is wrong with an entry, or with the directory, there is none then. */
  find(key: string): CachedLauncher | undefined {
    try {
      if (!this.#isOurs()) return undefined;
      const entry = readFileSync(this.#file(key));
      const end = entry.indexOf(HEADER_END);
      const header: unknown = JSON.parse(entry.toString('utf8', 0, end));
      if (!isHeader(header) || header.key !== key) return undefined;
      const launcher = entry.subarray(end + HEADER_END.length);
      return launcher.length === header.size ? { launcher, warnings: header.warnings } : undefined;
    } catch {
      return undefined;
    }
  }

  /** Keeps a launcher. A cache that can't be written is no reason to fail. */
  keep(key: string, { launcher, warnings }: CachedLauncher): void {
    try {
      makeDirectory(this.#directory);
      if (!this.#isOurs()) return;
      const header = JSON.stringify({ key, warnings, size: launcher.length });
      const file = this.#file(key);
      const unfinished = `${file}.${process.pid}`;
      writeFileSync(unfinished, Buffer.concat([Buffer.from(header + HEADER_END), launcher]), {
        mode: 0o600,
      });
      renameSync(unfinished, file);
      this.#forgetOldest();
    } catch {
      // The next command compiles again.
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
    if (names.length <= MOST_ENTRIES) return;
    const byAge = names
      .map((name) => join(this.#directory, name))
      .map((path) => ({ path, time: statSync(path).mtimeMs }))
      .sort((a, b) => a.time - b.time);
    for (const { path } of byAge.slice(0, names.length - MOST_ENTRIES))
      rmSync(path, { force: true });
  }
}

/** $XDG_CACHE_HOME/ocirun, for root /var/cache/ocirun (basedir-spec, FHS). */
export function defaultCacheDirectory(): string {
  const { XDG_CACHE_HOME } = process.env;
  if (XDG_CACHE_HOME?.startsWith('/')) return join(XDG_CACHE_HOME, 'ocirun');
  return process.geteuid?.() === 0 ? '/var/cache/ocirun' : join(homedir(), '.cache', 'ocirun');
}

interface Header {
  readonly key: string;
  readonly warnings: readonly string[];
  readonly size: number;
}

function isHeader(value: unknown): value is Header {
  return (
    typeof value === 'object' &&
    value !== null &&
    'key' in value &&
    'size' in value &&
    'warnings' in value &&
    Array.isArray(value.warnings)
  );
}

/** FNV-1a, twice 32 bits: names a file; what counts is the key in it. */
function fingerprint(key: string): string {
  let [a, b] = [0x811c9dc5, 0x1000193];
  for (let index = 0; index < key.length; index++) {
    const code = key.charCodeAt(index);
    a = Math.imul(a ^ code, 0x01000193);
    b = Math.imul(b ^ code, 0x01000197);
  }
  return [a, b].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
}
