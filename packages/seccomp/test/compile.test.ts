import type { Seccomp, SeccompArch, SeccompArg, SeccompSyscall } from '@oci/spec';
import { describe, expect, it } from 'vitest';
import {
  type CompileOptions,
  compileFilter,
  describeReturn,
  disassemble,
  explain,
  syscallNames,
  syscallNumber,
  verdict,
} from '../src/index.ts';
import { meaning } from './meaning.ts';
import { Random } from './random.ts';

const native: CompileOptions = { architecture: 'SCMP_ARCH_X86_64' };

function allow(names: string[], args?: SeccompArg[]): SeccompSyscall {
  return { names, action: 'SCMP_ACT_ALLOW', ...(args && { args }) };
}

function denying(...syscalls: SeccompSyscall[]): Seccomp {
  return { defaultAction: 'SCMP_ACT_ERRNO', syscalls };
}

function decided(
  profile: Seccomp,
  nr: number,
  args: (number | bigint)[] = [],
  options: CompileOptions = native,
  arch: SeccompArch = options.architecture,
): string {
  const call = { arch, nr, args };
  const { value } = verdict(compileFilter(profile, options).filter, call);
  expect(explain(profile, call, options).value).toBe(value);
  return describeReturn(value);
}

const last = 0xffff_ffff;

describe('layout', () => {
  it('makes ranges of neighbouring calls and loads no argument that no rule is about', () => {
    expect(
      disassemble(compileFilter(denying(allow(['read', 'write', 'open'])), native).filter),
    ).toBe(`0: A = arch
1: unless A == X86_64 goto 8
2: A = nr
3: if A >= 3 goto 5
4: return ALLOW
5: unless A >= 0x40000000 goto 7
6: unless A >= 0xffffffff goto 8
7: return ERRNO(EPERM)
8: return KILL_THREAD
`);
  });

  it('compares an argument half by half, and asks for bits without cutting them out', () => {
    const mask: SeccompArg = { index: 0, op: 'SCMP_CMP_MASKED_EQ', value: 0x7e02_0000 };
    const text = disassemble(compileFilter(denying(allow(['clone'], [mask])), native).filter);
    expect(text).toContain('args[0][0]');
    expect(text).not.toContain('args[0][4]');
    expect(text).toMatch(/A & 0x7e020000/);
  });

  it('reaches far with long jumps, and decides as without them', () => {
    const names = syscallNames('SCMP_ARCH_X86_64').filter((_, i) => i % 2 === 0);
    const syscalls = names.map((name, i): SeccompSyscall => {
      const value = BigInt(i) * 0x1_0000_0001n;
      return allow([name], [{ index: i % 6, op: 'SCMP_CMP_EQ', value }]);
    });
    const profile = denying(...syscalls);
    const { filter } = compileFilter(profile, native);
    expect(filter.length).toBeGreaterThan(600);
    for (const [i, name] of names.entries()) {
      const nr = syscallNumber('SCMP_ARCH_X86_64', name) ?? -1;
      const args = Array.from({ length: 6 }, () => 0n);
      for (const off of [0n, 1n, 0x1_0000_0000n]) {
        args[i % 6] = BigInt(i) * 0x1_0000_0001n + off;
        const { value } = verdict(filter, { arch: 'SCMP_ARCH_X86_64', nr, args });
        expect(describeReturn(value)).toBe(off === 0n ? 'ALLOW' : 'ERRNO(EPERM)');
      }
    }
  });

  it('keeps calls with very many rules in proportion', () => {
    // Looked at argument by argument, these would need a state for each set of rules.
    const syscalls = Array.from({ length: 24 }, (_, i): SeccompSyscall => {
      const masked: SeccompArg = {
        index: 0,
        op: 'SCMP_CMP_MASKED_EQ',
        value: 2 ** i,
        valueTwo: 2 ** i,
      };
      const action = { action: 'SCMP_ACT_ERRNO', errnoRet: i + 2 } as const;
      return {
        names: ['read'],
        ...action,
        args: [masked, { index: 1, op: 'SCMP_CMP_EQ', value: i }],
      };
    });
    const { filter } = compileFilter(denying(...syscalls), native);
    expect(filter.length).toBeLessThan(250);
    const at = (bits: number, second: number): number =>
      verdict(filter, { arch: 'SCMP_ARCH_X86_64', nr: 0, args: [bits, second] }).value & 0xffff;
    expect(at(0xff_ffff, 7)).toBe(9);
    expect(at(0xff_ff7f, 7)).toBe(1);
    expect(at(1 << 23, 23)).toBe(25);
  });

  it('goes through very many rules one by one, however deep that leads', () => {
    const operators = ['SCMP_CMP_GT', 'SCMP_CMP_LT', 'SCMP_CMP_NE', 'SCMP_CMP_MASKED_EQ'] as const;
    const syscalls = Array.from({ length: 170 }, (_, i): SeccompSyscall => {
      const args = Array.from(
        { length: 6 },
        (_, j): SeccompArg => ({
          index: j,
          op: operators[(i + j) % 4] ?? 'SCMP_CMP_EQ',
          value: ((i * 31 + j * 17) % 9970) + 1,
          valueTwo: 1,
        }),
      );
      return { ...allow(['read'], args), action: i % 2 ? 'SCMP_ACT_ALLOW' : 'SCMP_ACT_TRAP' };
    });
    const profile = denying(...syscalls);
    const { filter } = compileFilter(profile, native);
    const random = new Random(1);
    const decisions = new Set<number>();
    for (let i = 0; i < 2000; i++) {
      const args = Array.from({ length: 6 }, () => BigInt(random.below(random.pick([40, 10_000]))));
      const call = { arch: 'SCMP_ARCH_X86_64', nr: 0, args } as const;
      const { value } = verdict(filter, call);
      expect(value).toBe(meaning(profile, 'SCMP_ARCH_X86_64', call));
      decisions.add(value);
    }
    expect(decisions.size).toBe(3);
  });
});

describe('rules', () => {
  const equals = (index: number, value: number | bigint): SeccompArg => ({
    index,
    op: 'SCMP_CMP_EQ',
    value,
  });

  it('needs all conditions, but any one where an argument has several', () => {
    const all = denying(allow(['read'], [equals(0, 1), equals(1, 2)]));
    expect(decided(all, 0, [1, 2])).toBe('ALLOW');
    expect(decided(all, 0, [1, 3])).toBe('ERRNO(EPERM)');
    const any = denying(allow(['read'], [equals(0, 1), equals(0, 5), equals(1, 2)]));
    expect(decided(any, 0, [1, 9])).toBe('ALLOW');
    expect(decided(any, 0, [5, 9])).toBe('ALLOW');
    expect(decided(any, 0, [9, 2])).toBe('ALLOW');
    expect(decided(any, 0, [9, 9])).toBe('ERRNO(EPERM)');
  });

  it('lets a rule without conditions beat all others, and the first of those count', () => {
    const profile = denying(
      allow(['read'], [equals(0, 1)]),
      { names: ['read'], action: 'SCMP_ACT_KILL_PROCESS' },
      allow(['read']),
    );
    expect(decided(profile, 0, [1])).toBe('KILL_PROCESS');
  });

  it('leaves out rules that change nothing', () => {
    const profile = denying(
      { names: ['read'], action: 'SCMP_ACT_ERRNO', errnoRet: 1 },
      allow(['read']),
    );
    expect(decided(profile, 0)).toBe('ALLOW');
  });

  it('compares the lower half only where arguments have 32 bits', () => {
    const profile = {
      ...denying(allow(['read'], [equals(0, 5)])),
      architectures: ['SCMP_ARCH_X86'],
    };
    const both = profile as Seccomp;
    expect(decided(both, 3, [0x1_0000_0005n], native, 'SCMP_ARCH_X86')).toBe('ALLOW');
    expect(decided(both, 0, [0x1_0000_0005n])).toBe('ERRNO(EPERM)');
  });

  it('finds contradictions, and says where', () => {
    const rule: SeccompSyscall = {
      names: ['read'],
      action: 'SCMP_ACT_LOG',
      args: [equals(0, 1)],
    };
    const conflicting = denying(allow(['read'], [equals(0, 1)]), rule);
    expect(() => compileFilter(conflicting, native)).toThrow(
      'linux.seccomp.syscalls[1]: conflicts with linux.seccomp.syscalls[0]',
    );
  });

  it('applies to calls that come through socketcall and ipc', () => {
    const profile: Seccomp = {
      ...denying(allow(['socket'], [equals(0, 1)]), allow(['shmat'])),
      architectures: ['SCMP_ARCH_X86'],
    };
    const on = (nr: number, args: number[]): string =>
      decided(profile, nr, args, native, 'SCMP_ARCH_X86');
    // What `socket` is called with lies in memory, out of the filter's sight.
    expect(on(102, [1])).toBe('ALLOW');
    expect(on(102, [2])).toBe('ERRNO(EPERM)');
    expect(on(359, [1])).toBe('ALLOW');
    expect(on(359, [2])).toBe('ERRNO(EPERM)');
    expect(on(117, [21])).toBe('ALLOW');
    expect(on(117, [22])).toBe('ERRNO(EPERM)');
  });
});

describe('architectures', () => {
  const profile = denying(allow(['read']));

  it('kills calls of those that are not listed, and of x32', () => {
    expect(decided(profile, 3, [], native, 'SCMP_ARCH_X86')).toBe('KILL_THREAD');
    expect(decided(profile, 0x4000_0000)).toBe('KILL_THREAD');
    expect(decided(profile, 0xffff_fffe)).toBe('KILL_THREAD');
    // What a tracer leaves of a call that is not to be made.
    expect(decided(profile, last)).toBe('ERRNO(EPERM)');
  });

  it('tells x86-64 from x32', () => {
    const both: Seccomp = { ...profile, architectures: ['SCMP_ARCH_X32'] };
    expect(decided(both, 0)).toBe('ALLOW');
    expect(decided(both, 0x4000_0000)).toBe('ALLOW');
    expect(decided(both, 0x4000_0001)).toBe('ERRNO(EPERM)');
    const x32: CompileOptions = { architecture: 'SCMP_ARCH_X32' };
    expect(decided(profile, 0, [], x32)).toBe('KILL_THREAD');
    expect(decided(profile, 0x4000_0000, [], x32)).toBe('ALLOW');
  });

  it('refuses another byte order', () => {
    const mixed: Seccomp = { ...profile, architectures: ['SCMP_ARCH_X86', 'SCMP_ARCH_S390X'] };
    expect(() => compileFilter(mixed, native)).toThrow(
      'linux.seccomp.architectures[1]: SCMP_ARCH_S390X has another byte order',
    );
  });
});

describe('calls newer than the profile', () => {
  const enosys: CompileOptions = { ...native, newerCalls: 'ENOSYS' };
  const profile: Seccomp = {
    ...denying(allow(['read', 'dup']), { names: ['openat2'], action: 'SCMP_ACT_ERRNO' }),
  };
  const listing = (...architectures: SeccompArch[]): Seccomp => ({ ...profile, architectures });

  it('do not exist, as with runc', () => {
    const listed = listing('SCMP_ARCH_X86_64');
    expect(decided(listed, 437, [], enosys)).toBe('ERRNO(EPERM)');
    expect(decided(listed, 438, [], enosys)).toBe('ERRNO(ENOSYS)');
    expect(decided(listed, 0x3fff_ffff, [], enosys)).toBe('ERRNO(ENOSYS)');
    expect(decided(listed, 0x4000_0000, [], enosys)).toBe('KILL_THREAD');
    expect(decided(listed, 31, [], enosys)).toBe('ERRNO(EPERM)');
    expect(decided(listed, 438)).toBe('ERRNO(EPERM)');
  });

  it('are left to the default action on an architecture that is not listed', () => {
    for (const unlisted of [listing(), { ...profile, architectures: undefined } as Seccomp]) {
      expect(decided(unlisted, 438, [], enosys)).toBe('ERRNO(EPERM)');
      expect(decided(unlisted, 0x3fff_ffff, [], enosys)).toBe('ERRNO(EPERM)');
    }
    const x32 = listing('SCMP_ARCH_X32');
    expect(decided(x32, 438, [], enosys)).toBe('ERRNO(EPERM)');
    expect(decided(x32, 0x4000_0000 + 438, [], enosys)).toBe('ERRNO(ENOSYS)');
  });

  it.each(['SCMP_ACT_ALLOW', 'SCMP_ACT_LOG', 'SCMP_ACT_TRACE'] as const)(
    'are left to the default action %s',
    (defaultAction) => {
      const permissive: Seccomp = {
        defaultAction,
        architectures: ['SCMP_ARCH_X86_64'],
        syscalls: [{ names: ['read'], action: 'SCMP_ACT_KILL' }],
      };
      expect(decided(permissive, 400, [], enosys)).toMatch(/^(ALLOW|LOG|TRACE\(1\))$/);
    },
  );

  it('include what s390 shows as number 0', () => {
    const s390: CompileOptions = { architecture: 'SCMP_ARCH_S390X', newerCalls: 'ENOSYS' };
    const listed = listing('SCMP_ARCH_S390X');
    expect(decided(listed, 0, [], s390)).toBe('ERRNO(ENOSYS)');
    expect(decided(listed, 2, [], s390)).toBe('ERRNO(EPERM)');
    expect(decided(listing(), 0, [], s390)).toBe('ERRNO(EPERM)');
  });
});
