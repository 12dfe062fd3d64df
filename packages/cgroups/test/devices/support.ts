import type { Config, DeviceCgroup } from '@oci/spec';
import { ALL } from '../../src/devices/access.ts';
import type { DeviceAccess, DeviceRule } from '../../src/devices/index.ts';

export function configWith(devices?: readonly DeviceCgroup[]): Pick<Config, 'linux'> {
  return { linux: devices ? { resources: { devices: [...devices] } } : {} };
}

/** Numbers between 0 and 1 that are the same in every run (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Few numbers, so that rules meet. */
export const numbers = [0, 1, 2, 3];

export function randomRules(random: () => number, count: number): DeviceRule[] {
  const pick = <T>(choices: readonly [T, ...T[]]): T =>
    choices[Math.floor(random() * choices.length)] ?? choices[0];
  return Array.from({ length: count }, (_, index) => {
    const type = pick([undefined, 'b', 'c'] as const);
    const major = pick([undefined, ...numbers]);
    const minor = pick([undefined, ...numbers]);
    return {
      allow: random() < 0.5,
      ...(type === undefined ? {} : { type }),
      ...(major === undefined ? {} : { major }),
      ...(minor === undefined ? {} : { minor }),
      access: random() < 0.5 ? ALL : 1 + Math.floor(random() * ALL),
      path: `linux.resources.devices[${index}]`,
    };
  });
}

/** Every device of few numbers, in every way. */
export const everything: readonly DeviceAccess[] = (['b', 'c'] as const).flatMap((type) =>
  numbers.flatMap((major) =>
    numbers.flatMap((minor) =>
      [1, 2, 3, 4, 5, 6, 7].map((access) => ({ type, major, minor, access })),
    ),
  ),
);

/**
 * What config-linux.md says, read plainly: rules in order, the last that names the device and the
 * kind of access counts, and nothing is allowed at the start.
 */
export function reference(rules: readonly DeviceRule[], asked: DeviceAccess): boolean {
  return [1, 2, 4]
    .filter((bit) => asked.access & bit)
    .every((bit) => {
      let allowed = false;
      for (const rule of rules) {
        const about =
          (rule.type ?? asked.type) === asked.type &&
          (rule.major ?? asked.major) === asked.major &&
          (rule.minor ?? asked.minor) === asked.minor &&
          (rule.access & bit) !== 0;
        if (about) allowed = rule.allow;
      }
      return allowed;
    });
}

/** A rule as a config has it. */
export function asConfigured({ access, path: _, ...rule }: DeviceRule): DeviceCgroup {
  const letters = ['m', 'r', 'w'].filter((_letter, bit) => access & (1 << bit)).join('');
  return { ...rule, access: letters };
}
