import type { MountsConfig } from './context.ts';
import { parseOptions } from './options.ts';
import { insideRoot } from './paths.ts';

/** Whether /dev is bound from elsewhere, and with it what is in it. */
export function bindsDev({ mounts = [] }: MountsConfig): boolean {
  return mounts.some(
    ({ destination, options = [] }) =>
      insideRoot(destination) === 'dev' && parseOptions(options).bind !== undefined,
  );
}
