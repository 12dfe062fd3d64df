import type { Seccomp, SeccompArch, SeccompArg } from '@oci/spec';
import { describe, expect, it } from 'vitest';
import { compileFilter, describeReturn, syscallNumber, verdict } from '../src/index.ts';
import { buildFilter } from './libseccomp.ts';

/** The intended differences to libseccomp that the README lists, each with what libseccomp does. */
interface Difference {
  readonly what: string;
  readonly native: SeccompArch;
  readonly profile: Seccomp;
  readonly call: { readonly name: string; readonly args: readonly bigint[] };
  readonly ours: string;
  readonly libseccomp: string;
}

function rules(...lists: SeccompArg[][]): Seccomp {
  return {
    defaultAction: 'SCMP_ACT_ERRNO',
    syscalls: lists.map((args) => ({ names: ['prctl'], action: 'SCMP_ACT_ALLOW', args })),
  };
}

const differences: Difference[] = [
  {
    what: 'an upper and a lower bound on one argument, in two rules',
    native: 'SCMP_ARCH_X86_64',
    profile: rules(
      [{ index: 2, op: 'SCMP_CMP_GE', value: 1 }],
      [{ index: 2, op: 'SCMP_CMP_LT', value: 0x1_0000_0000n }],
    ),
    call: { name: 'prctl', args: [0n, 0n, 0x1_0000_0000n] },
    ours: 'ALLOW',
    libseccomp: 'ERRNO(EPERM)',
  },
  {
    what: 'bounds on one argument in two rules that go on to compare another',
    native: 'SCMP_ARCH_X86_64',
    profile: rules(
      [
        { index: 0, op: 'SCMP_CMP_GT', value: 5 },
        { index: 1, op: 'SCMP_CMP_EQ', value: 1 },
      ],
      [
        { index: 0, op: 'SCMP_CMP_GT', value: 7 },
        { index: 1, op: 'SCMP_CMP_EQ', value: 2 },
      ],
    ),
    call: { name: 'prctl', args: [6n, 2n] },
    ours: 'ERRNO(EPERM)',
    libseccomp: 'ALLOW',
  },
];

describe('intended differences to libseccomp', () => {
  it.each(differences)('$what', ({ native, profile, call, ours, libseccomp }) => {
    const nr = syscallNumber(native, call.name) ?? -1;
    const options = { architecture: native };
    const decide = (filter: ReturnType<typeof buildFilter>): string =>
      describeReturn(verdict(filter, { arch: native, nr, args: call.args }).value);
    expect(decide(compileFilter(profile, options).filter)).toBe(ours);
    expect(decide(buildFilter(profile, options))).toBe(libseccomp);
  });
});
