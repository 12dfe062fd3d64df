import type { Stage } from '@oci/kernel';
import type { Config, PersonalityDomain } from '@oci/spec';

/** include/uapi/linux/personality.h */
const domains: Readonly<Record<PersonalityDomain, number>> = { LINUX: 0x0000, LINUX32: 0x0008 };

/** config-linux.md, "Personality" (personality(2)). */
export function personalityStages({ linux }: Config): Stage[] {
  const domain = linux?.personality?.domain;
  if (domain === undefined) return [];
  return [
    {
      name: 'linux.personality',
      lane: 'container',
      category: 'Platform',
      run: (k) =>
        k.doing(`linux.personality: set to ${domain}`, () => k.personality(domains[domain])),
    },
  ];
}
