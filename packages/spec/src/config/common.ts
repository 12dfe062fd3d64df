import * as z from 'zod/mini';
import { uint32 } from './numbers.ts';

// A schema costs several microseconds to make, which a cold start pays; optional ones are shared.
const string = z.string();
export const strings = z.array(string);
export const optionalString = z.optional(string);
export const optionalBoolean = z.optional(z.boolean());
export const optionalStrings = z.optional(strings);

/** String to string: annotations, sysctl, unified (defs.json, mapStringString). */
const stringMap = z.record(string, string);
export const optionalStringMap = z.optional(stringMap);

/** config-linux.md, "User namespace mappings"; also the mappings of one mount. */
export const IdMapping = z.object({
  containerID: uint32,
  hostID: uint32,
  size: uint32,
});
export type IdMapping = z.infer<typeof IdMapping>;
export const optionalIdMappings = z.optional(z.array(IdMapping));
