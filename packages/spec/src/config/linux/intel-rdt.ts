import * as z from 'zod/mini';
import { optionalBoolean, optionalString, optionalStrings } from '../common.ts';

/** config-linux.md, "IntelRdt". */
export const IntelRdt = z.object({
  closID: optionalString,
  schemata: optionalStrings,
  l3CacheSchema: optionalString,
  memBwSchema: optionalString,
  enableMonitoring: optionalBoolean,
});
export type IntelRdt = z.infer<typeof IntelRdt>;
