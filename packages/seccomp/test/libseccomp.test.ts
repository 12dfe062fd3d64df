import { type Seccomp, type SeccompArch, type SeccompArg, SpecError } from '@oci/spec';
import { describe, expect, it } from 'vitest';
import {
  architecture,
  architectures,
  compareFilters,
  compileFilter,
  describeReturn,
  syscallNames,
  syscallNumber,
  verdict,
} from '../src/index.ts';
import { run, seccompData } from '../src/simulate.ts';
import { edgeCalls } from './calls.ts';
import { dockerDefault } from './docker.ts';
import { buildFilter, isSupported, LibseccompError, resolve } from './libseccomp.ts';
import { Random } from './random.ts';
import { families, randomComparison, randomProfile } from './random-profile.ts';

/** The profile as far as the installed libseccomp knows its calls: it is older than our tables. */
function knownPart(profile: Seccomp): Seccomp {
  const archs = profile.architectures ?? [];
  const syscalls = profile.syscalls?.map((rule) => ({
    ...rule,
    names: rule.names.filter((name) =>
      archs.every((arch) => agrees(arch, name) || syscallNumber(arch, name) === undefined),
    ),
  }));
  return { ...profile, ...(syscalls && { syscalls }) };
}

describe("Docker's default profile", () => {
  const natives: SeccompArch[] = ['SCMP_ARCH_X86_64', 'SCMP_ARCH_AARCH64'];

  it.each(natives)('decides as with libseccomp, on %s', { timeout: 300_000 }, (native) => {
    const profile = knownPart(dockerDefault(native));
    const ours = compileFilter(profile, { architecture: native }).filter;
    for (const optimize of [1, 2] as const) {
      const theirs = buildFilter(profile, { architecture: native, optimize });
      const differences = compareFilters(ours, theirs);
      expect(differences).toEqual([]);
      // The same once more, without what `compareFilters` makes of the filters.
      const random = new Random(optimize);
      for (const { name: arch, base } of architectures())
        for (let i = 0; i < 1000; i++) {
          const args = Array.from({ length: 6 }, () => BigInt(random.below(50)));
          const data = seccompData({ arch, nr: base + i, args });
          if (run(ours, data).value !== run(theirs, data).value)
            expect({ arch, nr: base + i, args }).toBe('decided alike');
        }
    }
  });

  it.each(natives)('is shorter and decides faster than with libseccomp, on %s', (native) => {
    const profile = knownPart(dockerDefault(native));
    const ours = compileFilter(profile, { architecture: native }).filter;
    const executed = (filter: typeof ours): number =>
      common
        .map((name) => syscallNumber(native, name))
        .filter((nr) => nr !== undefined)
        .reduce((sum, nr) => sum + verdict(filter, { arch: native, nr }).executed, 0);
    for (const optimize of [1, 2] as const) {
      const theirs = buildFilter(profile, { architecture: native, optimize });
      expect(ours.length).toBeLessThan(theirs.length / 2);
      expect(executed(ours)).toBeLessThan(executed(theirs));
    }
  });
});

/** The twenty most common calls. */
const common = (
  'read write close fstat newfstatat mmap mprotect munmap brk rt_sigaction rt_sigprocmask ioctl ' +
  'access openat lseek futex epoll_wait recvmsg sendto fcntl'
).split(' ');

type Conditions = (random: Random) => SeccompArg[];

const anyArgument = [0, 1, 2, 3, 4, 5];

/** Kinds of rules for which libseccomp does what the profile says; see the README for the others. */
const kinds: [name: string, mixed: boolean, rulesOfOneCall: 'one' | 'several', Conditions][] = [
  [
    'equalities, several actions a call',
    true,
    'several',
    (r) => r.some(anyArgument, 1 + r.below(3)).map((i) => randomComparison(r, i, ['SCMP_CMP_EQ'])),
  ],
  [
    'one equality or inequality, several actions a call',
    true,
    'several',
    (r) => [randomComparison(r, r.below(6), ['SCMP_CMP_EQ', 'SCMP_CMP_NE'])],
  ],
  [
    'equalities and masks',
    false,
    'several',
    (r) =>
      r
        .some(anyArgument, 1 + r.below(3))
        .map((i) => randomComparison(r, i, ['SCMP_CMP_EQ', 'SCMP_CMP_MASKED_EQ'])),
  ],
  [
    'all operators, one rule a call',
    false,
    'one',
    (r) => r.some(anyArgument, 1 + r.below(4)).map((i) => randomComparison(r, i)),
  ],
];

/**
 * Names that all architectures of a family have, with numbers on which libseccomp agrees. Its filters
 * for foreign big-endian machines are right only while short, so those get few.
 */
function comparableNames(family: readonly SeccompArch[]): string[] {
  const [native, ...others] = family;
  if (!native) return [];
  return (
    syscallNames(native)
      .filter((name) => others.every((arch) => syscallNumber(arch, name) !== undefined))
      .filter((name) => family.every((arch) => agrees(arch, name)))
      // libseccomp finds no way back from its own number for it.
      .filter((name) => name !== 'sys_debug_setcontext')
  );
}

/** Whether libseccomp has the same number for a call; the multiplexed have negative ones. */
function agrees(arch: SeccompArch, name: string): boolean {
  const theirs = resolve(arch, name);
  return theirs === syscallNumber(arch, name) || (theirs <= -100 && theirs >= -224);
}

function oneRuleEach(profile: Seccomp): Seccomp {
  const seen = new Set<string | undefined>();
  const syscalls = profile.syscalls?.filter(
    ({ names: [name] }) => !seen.has(name) && seen.add(name),
  );
  return { ...profile, ...(syscalls && { syscalls }) };
}

describe('generated profiles decide as with libseccomp', () => {
  const seeds = 500;

  it.each(kinds)(`${seeds} with %s`, { timeout: 300_000 }, (_, mixed, rules, conditions) => {
    let agreed = 0;
    for (let seed = 1; seed <= seeds; seed++) {
      const random = new Random(seed);
      const family = random.pick(families.filter((archs) => archs.every(isSupported)));
      const [native] = family;
      if (!native) throw new Error('a family has no members');
      const generated = randomProfile(random, {
        names: random.some(comparableNames(family), architecture(native).bigEndian ? 4 : 60),
        family,
        conditions,
        mixed,
      });
      const profile = rules === 'one' ? oneRuleEach(generated) : generated;
      let theirs: ReturnType<typeof buildFilter>;
      try {
        theirs = buildFilter(profile, { architecture: native });
      } catch (error) {
        if (!(error instanceof LibseccompError)) throw error;
        expect(error.errno, `seed ${seed}`).toBe(17);
        expect(() => compileFilter(profile, { architecture: native }), `seed ${seed}`).toThrow(
          SpecError,
        );
        continue;
      }
      const ours = compileFilter(profile, { architecture: native }).filter;
      for (const call of edgeCalls(random, profile, native)) {
        const data = seccompData(call);
        const [ourValue, theirValue] = [run(ours, data).value, run(theirs, data).value];
        if (ourValue !== theirValue)
          expect({ seed, call, value: describeReturn(ourValue) }).toEqual({
            seed,
            call,
            value: describeReturn(theirValue),
          });
      }
      agreed++;
    }
    expect(agreed).toBeGreaterThan(seeds * 0.8);
  });
});
