import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the checkout. */
export const workspace = fileURLToPath(new URL('../../', import.meta.url));

export const ocirun = join(workspace, 'apps/runtime/bin/ocirun');

/**
 * An installed tool's command, without npx's own start before it.
 * @param {'nx' | 'biome'} name
 */
export function tool(name) {
  return join(workspace, 'node_modules/.bin', name);
}

/** Whether we may change the checkout: it can belong to somebody else. */
export function isWritable() {
  try {
    accessSync(workspace, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
