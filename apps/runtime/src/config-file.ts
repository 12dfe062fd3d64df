import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { failedWith } from '@oci/kernel';

/** The text of a bundle's config.json (bundle.md). @throws Error when it can't be read */
export function readConfigFile(bundle: string): string {
  const file = join(bundle, 'config.json');
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (failedWith(error, 'ENOENT')) throw new Error(`JSON specification file ${file} not found`);
    throw error;
  }
}
