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

/** Whether something is mounted on /dev, which then is there. */
export function mountsDev({ mounts = [] }: MountsConfig): boolean {
  return mounts.some(({ destination }) => insideRoot(destination) === 'dev');
}
