import * as z from 'zod/mini';
import { optionalIdMappings, optionalString, optionalStrings } from './common.ts';

/** config.md, "Mounts" and "POSIX-platform Mounts". */
export const Mount = z.object({
  destination: z.string(),
  type: optionalString,
  source: optionalString,
  options: optionalStrings,
  uidMappings: optionalIdMappings,
  gidMappings: optionalIdMappings,
});
export type Mount = z.infer<typeof Mount>;
