import * as z from 'zod/mini';
import { optionalStrings } from './common.ts';
import { positiveInteger } from './numbers.ts';

/** config.md, "POSIX-platform Hooks": one entry. */
export const Hook = z.object({
  path: z.string(),
  args: optionalStrings,
  env: optionalStrings,
  timeout: z.optional(positiveInteger),
});
export type Hook = z.infer<typeof Hook>;

const hookList = z.optional(z.array(Hook));

/** config.md, "POSIX-platform Hooks", in the order in which they run. */
export const Hooks = z.object({
  prestart: hookList,
  createRuntime: hookList,
  createContainer: hookList,
  startContainer: hookList,
  poststart: hookList,
  poststop: hookList,
});
export type Hooks = z.infer<typeof Hooks>;
