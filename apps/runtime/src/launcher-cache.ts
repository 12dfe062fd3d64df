import { homedir } from 'node:os';
import { join } from 'node:path';
import { KeyedCache } from '@oci/cache';

/** More than anybody starts in turn; at about 70 KB each. */
const MOST_LAUNCHERS = 64;
const WARNINGS_END = '\n';

/** A compiled launcher, with the warnings that its compilation gave. */
export interface CachedLauncher {
  readonly launcher: Uint8Array;
  readonly warnings: readonly string[];
}

/** Launchers that were compiled before, so that a cold command need not compile again. */
export class LauncherCache {
  readonly #files: KeyedCache;

  constructor(directory: string) {
    this.#files = new KeyedCache(directory, { most: MOST_LAUNCHERS });
  }

  /** @param key everything that the compilation read */
  find(key: string): CachedLauncher | undefined {
    const content = this.#files.find(key);
    if (!content) return undefined;
    const end = content.indexOf(WARNINGS_END.charCodeAt(0));
    const warnings: unknown = JSON.parse(Buffer.from(content.subarray(0, end)).toString());
    if (!Array.isArray(warnings)) return undefined;
    return { launcher: content.subarray(end + 1), warnings };
  }

  keep(key: string, { launcher, warnings }: CachedLauncher): void {
    const head = Buffer.from(JSON.stringify(warnings) + WARNINGS_END);
    this.#files.keep(key, Buffer.concat([head, launcher]));
  }
}

/** $XDG_CACHE_HOME/ocirun, for root /var/cache/ocirun (basedir-spec, FHS). */
export function defaultCacheDirectory(): string {
  const { XDG_CACHE_HOME } = process.env;
  if (XDG_CACHE_HOME?.startsWith('/')) return join(XDG_CACHE_HOME, 'ocirun');
  return process.geteuid?.() === 0 ? '/var/cache/ocirun' : join(homedir(), '.cache', 'ocirun');
}
