import * as z from 'zod/mini';
import { optionalBoolean } from './common.ts';

/** config.md, "Root". */
export const Root = z.object({
  path: z.string(),
  readonly: optionalBoolean,
});
export type Root = z.infer<typeof Root>;
