import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

const week = 7 * 24 * 60 * 60 * 1000;

/** Where images are kept between runs. */
export function cacheDirectory(environment: NodeJS.ProcessEnv = process.env): string {
  return join(environment.XDG_CACHE_HOME ?? '/var/cache', 'ocirun-vm');
}

/** Removes images that nobody used for a week. A machine that runs keeps its files open. */
export function prune(cache: string, now = Date.now()): void {
  for (const { name } of readdirSync(cache, { withFileTypes: true }).filter((e) => e.isDirectory()))
    if (now - statSync(join(cache, name)).mtimeMs > week)
      rmSync(join(cache, name), { recursive: true, force: true });
}
