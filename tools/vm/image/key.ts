import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import type { Package } from './debian.ts';

/**
 * Names an image by everything that it is made of: Debian's release, the packages with their
 * versions, and how it is made, which is the source code of this directory.
 */
export function imageKey(
  release: string,
  packages: readonly Package[],
  recipe: string = ownSource(),
): string {
  const versions = packages.map(({ name, version }) => `${name}=${version}`).sort();
  const hash = createHash('sha256').update(JSON.stringify([release, versions, recipe]));
  return `${release}-${hash.digest('hex').slice(0, 16)}`;
}

function ownSource(): string {
  const directory = new URL('.', import.meta.url);
  const files = readdirSync(directory).sort();
  return files.map((file) => readFileSync(new URL(file, directory), 'utf8')).join('');
}
