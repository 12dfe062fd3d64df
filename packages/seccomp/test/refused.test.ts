import type { Seccomp, SeccompArg, SeccompSyscall } from '@oci/spec';
import { describe, expect, it } from 'vitest';
import { type CompileOptions, compileFilter, syscallNames } from '../src/index.ts';

const native: CompileOptions = { architecture: 'SCMP_ARCH_X86_64' };

function allow(names: string[], args?: SeccompArg[]): SeccompSyscall {
  return { names, action: 'SCMP_ACT_ALLOW', ...(args && { args }) };
}

function denying(...syscalls: SeccompSyscall[]): Seccomp {
  return { defaultAction: 'SCMP_ACT_ERRNO', syscalls };
}

describe('what cannot be compiled', () => {
  it('is named by its path', () => {
    const profile: Seccomp = {
      defaultAction: 'SCMP_ACT_KILL',
      defaultErrnoRet: 1,
      syscalls: [
        { names: [], action: 'SCMP_ACT_ALLOW' },
        { names: ['read', ''], action: 'SCMP_ACT_ERRNO', errnoRet: 4095 },
        { names: ['read'], action: 'SCMP_ACT_TRACE', errnoRet: 65_535 },
        {
          names: ['read'],
          action: 'SCMP_ACT_LOG',
          args: [{ index: 6, op: 'SCMP_CMP_EQ', value: 0 }],
        },
      ],
    };
    expect(() => compileFilter(profile, { ...native, at: 'profile' })).toThrow(
      expect.objectContaining({
        issues: [
          { path: 'profile.defaultErrnoRet', message: 'SCMP_ACT_KILL returns no error number' },
          { path: 'profile.syscalls[0].names', message: 'must have at least one entry' },
          { path: 'profile.syscalls[1].names[1]', message: 'must not be empty' },
          {
            path: 'profile.syscalls[1].errnoRet',
            message: 'must be from 0 to 4094 with SCMP_ACT_ERRNO',
          },
          { path: 'profile.syscalls[3].args[0].index', message: 'must be from 0 to 5' },
        ],
      }),
    );
  });

  const rule = { names: ['read'], action: 'SCMP_ACT_ALLOW' };
  const comparison = { index: 0, op: 'SCMP_CMP_EQ', value: 1 };
  const compared = (change: object) => ({
    syscalls: [{ ...rule, args: [{ ...comparison, ...change }] }],
  });

  it.each<[string, unknown]>([
    ['linux.seccomp', null],
    ['linux.seccomp.defaultAction', { defaultAction: 'ALLOW' }],
    ['linux.seccomp.defaultErrnoRet', { defaultErrnoRet: 1.5 }],
    ['linux.seccomp.defaultErrnoRet', { defaultErrnoRet: Number.NaN }],
    ['linux.seccomp.architectures[0]', { architectures: ['SCMP_ARCH_Z80'] }],
    ['linux.seccomp.flags[1]', { flags: ['SECCOMP_FILTER_FLAG_LOG', 'LOG'] }],
    ['linux.seccomp.syscalls[0].names', { syscalls: [{ ...rule, names: 'read' }] }],
    ['linux.seccomp.syscalls[0].names[0]', { syscalls: [{ ...rule, names: [0] }] }],
    ['linux.seccomp.syscalls[0].action', { syscalls: [{ ...rule, action: 'ALLOW' }] }],
    ['linux.seccomp.syscalls[0].errnoRet', { syscalls: [{ ...rule, errnoRet: -1 }] }],
    ['linux.seccomp.syscalls[0].args[0].op', compared({ op: 'EQ' })],
    ['linux.seccomp.syscalls[0].args[0].index', compared({ index: '0' })],
    ['linux.seccomp.syscalls[0].args[0].index', compared({ index: 1.5 })],
    ['linux.seccomp.syscalls[0].args[0].value', compared({ value: -1 })],
    ['linux.seccomp.syscalls[0].args[0].value', compared({ value: 1.5 })],
    ['linux.seccomp.syscalls[0].args[0].value', compared({ value: 2n ** 64n })],
    ['linux.seccomp.syscalls[0].args[0].value', compared({ value: undefined })],
    ['linux.seccomp.syscalls[0].args[0].valueTwo', compared({ valueTwo: '5' })],
  ])('says %s, where the schema does not have it so', (path, wrong) => {
    const profile = wrong && { defaultAction: 'SCMP_ACT_ERRNO', ...wrong };
    expect(() => compileFilter(profile as Seccomp, native)).toThrow(
      expect.objectContaining({
        name: 'SpecError',
        issues: [expect.objectContaining({ path, message: expect.stringMatching(/^(must|is)/) })],
      }),
    );
  });

  it('is left out and reported where it is a name', () => {
    const profile = denying(allow(['read', 'opens', 'socketcall', 'future_call']));
    expect(compileFilter(profile, native).skipped).toEqual([
      { path: 'linux.seccomp.syscalls[0].names[1]', name: 'opens' },
      { path: 'linux.seccomp.syscalls[0].names[3]', name: 'future_call' },
    ]);
  });

  it('says whether there will be a listener', () => {
    const notify: SeccompSyscall = { names: ['mount'], action: 'SCMP_ACT_NOTIFY' };
    expect(compileFilter(denying(notify), native).notifies).toBe(true);
    expect(compileFilter(denying(allow(['mount'])), native).notifies).toBe(false);
  });
});

describe('what is too long for Linux', () => {
  it.each<[string, (i: number) => SeccompArg[]]>([
    ['equal', (i) => [{ index: 1, op: 'SCMP_CMP_EQ', value: i * 7919 }]],
    [
      'different',
      (i) => [
        { index: 1, op: 'SCMP_CMP_NE', value: i },
        { index: 2, op: 'SCMP_CMP_GT', value: i * 5 },
      ],
    ],
    ['masked', (i) => [{ index: 0, op: 'SCMP_CMP_MASKED_EQ', value: i + 1, valueTwo: 1 }]],
  ])('is refused soon: %s', { timeout: 20_000 }, (_, args) => {
    const rules = (count: number) =>
      denying(...Array.from({ length: count }, (_, i) => allow(['ioctl'], args(i))));
    expect(() => compileFilter(rules(4000), native)).toThrow('Linux takes 4096 at most');
    expect(() => compileFilter(rules(20_000), native)).toThrow(
      'linux.seccomp.syscalls[4096]: one call has more rules with conditions than a filter has',
    );
  });

  it('is refused, with its length', () => {
    const rule = (name: string, i: number): SeccompSyscall =>
      allow([name], [{ index: 0, op: 'SCMP_CMP_EQ', value: BigInt(i) * 0x1_0000_0001n }]);
    const names = syscallNames('SCMP_ARCH_X86_64').slice(0, 300);
    const syscalls = Array.from({ length: 8 }, (_, i) =>
      names.map((name, j) => rule(name, 8 * j + i)),
    );
    expect(() => compileFilter(denying(...syscalls.flat()), native)).toThrow(
      /linux\.seccomp: compiles to \d+ instructions: Linux takes 4096 at most/,
    );
  });
});
