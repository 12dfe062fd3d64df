import * as z from 'zod/mini';
import { optionalStrings } from '../common.ts';

export const PersonalityDomain = z.enum(['LINUX', 'LINUX32']);
export type PersonalityDomain = z.infer<typeof PersonalityDomain>;

/** config-linux.md, "Personality". */
export const Personality = z.object({
  domain: PersonalityDomain,
  flags: optionalStrings,
});
export type Personality = z.infer<typeof Personality>;
