import { SpecError } from '@oci/spec';
import { expect, it } from 'vitest';
import { compileFilter, explain, syscallNames } from '../src/index.ts';
import { run, seccompData } from '../src/simulate.ts';
import { edgeCalls } from './calls.ts';
import { meaning } from './meaning.ts';
import { Random } from './random.ts';
import { families, randomComparison, randomProfile } from './random-profile.ts';

const seeds = 2000;

it(`compiles ${seeds} generated profiles to filters that do what the profiles say`, {
  timeout: 300_000,
}, () => {
  let compiled = 0;
  for (let seed = 1; seed <= seeds; seed++) {
    const random = new Random(seed);
    const family = random.pick(families);
    const [native] = family;
    if (!native) throw new Error('a family has no members');
    const profile = randomProfile(random, {
      names: random.some([...new Set(family.flatMap(syscallNames))], 60),
      family,
      conditions: (r) =>
        r.some([0, 1, 2, 3, 4, 5], 1 + r.below(4)).map((i) => randomComparison(r, i)),
      mixed: random.chance(0.3),
    });
    const options = { architecture: native };
    try {
      const { filter } = compileFilter(profile, options);
      compiled++;
      for (const call of edgeCalls(random, profile, native)) {
        const meant = meaning(profile, native, call);
        const { value } = run(filter, seccompData(call));
        if (value !== meant) expect({ seed, call, value }).toEqual({ seed, call, value: meant });
        if (random.chance(0.002)) expect(explain(profile, call, options).value).toBe(meant);
      }
    } catch (error) {
      // Rules that contradict each other: test/libseccomp.test.ts has libseccomp refuse them too.
      if (!(error instanceof SpecError)) throw error;
      expect(error.message).toMatch(/conflicts with linux\.seccomp\.syscalls\[\d+\]/);
    }
  }
  expect(compiled).toBeGreaterThan(seeds * 0.9);
});
