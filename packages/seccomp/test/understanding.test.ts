import type { Seccomp } from '@oci/spec';
import { describe, expect, it } from 'vitest';
import * as op from '../src/bpf/opcodes.ts';
import {
  architecture,
  type CompileOptions,
  compareFilters,
  compileFilter,
  disassemble,
  explain,
  parseFilter,
  returnValue,
} from '../src/index.ts';
import { dockerDefault } from './docker.ts';

const x86 = 'SCMP_ARCH_X86_64';
const options: CompileOptions = { architecture: x86 };
const ALLOW = returnValue('SCMP_ACT_ALLOW');
const EPERM = returnValue('SCMP_ACT_ERRNO');

describe('explain', () => {
  const profile: Seccomp = {
    defaultAction: 'SCMP_ACT_ERRNO',
    syscalls: [
      { names: ['read', 'write'], action: 'SCMP_ACT_ALLOW' },
      {
        names: ['personality'],
        action: 'SCMP_ACT_ALLOW',
        args: [{ index: 0, op: 'SCMP_CMP_EQ', value: 0xffff_ffff }],
      },
    ],
  };

  it('names what decides', () => {
    const at = (nr: number, args: number[] = []) =>
      explain(profile, { arch: x86, nr, args }, options);
    const read = { value: ALLOW, reason: 'rule', path: 'linux.seccomp.syscalls[0]', arch: x86 };
    expect(at(0)).toEqual({ ...read, name: 'read' });
    expect(at(135, [0xffff_ffff])).toMatchObject({ path: 'linux.seccomp.syscalls[1]' });
    const denied = { value: EPERM, reason: 'default', path: 'linux.seccomp.defaultAction' };
    expect(at(135, [1])).toEqual({ ...denied, arch: x86, name: 'personality' });
    expect(at(400)).toEqual({ ...denied, arch: x86 });
    expect(at(0x4000_0000)).toEqual({
      value: 0,
      reason: 'architecture',
      path: 'linux.seccomp.architectures',
    });
  });

  it('tells that a call is newer than the profile', () => {
    const call = { arch: x86, nr: 136 } as const;
    const listing: Seccomp = { ...profile, architectures: [x86] };
    const newer = explain(listing, call, { ...options, newerCalls: 'ENOSYS', at: 'profile' });
    expect(newer).toMatchObject({ value: 0x0005_0026, reason: 'newer', path: 'profile.syscalls' });
  });
});

describe('compareFilters', () => {
  const docker = dockerDefault(x86);

  it('finds nothing between equals', () => {
    const { filter } = compileFilter(docker, options);
    expect(compareFilters(filter, compileFilter(docker, options).filter)).toEqual([]);
  });

  it('finds calls and arguments', () => {
    const changed: Seccomp = {
      ...docker,
      syscalls: (docker.syscalls ?? []).map((rule) => ({
        ...rule,
        names: rule.names.filter((name) => name !== 'getpid' && name !== 'getitimer'),
        ...(rule.args && {
          args: rule.args.map((arg) => (arg.value === 38 ? { ...arg, value: 37 } : arg)),
        }),
      })),
    };
    const found = compareFilters(
      compileFilter(docker, options).filter,
      compileFilter(changed, options).filter,
    ).filter(({ arch, from }) => arch === architecture(x86).audit && from < 0x4000_0000);
    expect(found).toEqual([
      { arch: architecture(x86).audit, from: 36, to: 36, a: ALLOW, b: EPERM },
      { arch: architecture(x86).audit, from: 39, to: 39, a: ALLOW, b: EPERM },
      {
        arch: architecture(x86).audit,
        from: 41,
        to: 41,
        a: ALLOW,
        b: EPERM,
        args: [37n, 0n, 0n, 0n, 0n, 0n],
      },
    ]);
  });

  it('finds single bits behind masks', () => {
    const masked = (value: number): Seccomp => ({
      defaultAction: 'SCMP_ACT_ERRNO',
      syscalls: [
        {
          names: ['clone'],
          action: 'SCMP_ACT_ALLOW',
          args: [{ index: 0, op: 'SCMP_CMP_MASKED_EQ', value, valueTwo: 0 }],
        },
      ],
    });
    const [difference, ...others] = compareFilters(
      compileFilter(masked(0x7e02_0000), options).filter,
      compileFilter(masked(0x7e00_0000), options).filter,
    );
    expect(others).toEqual([]);
    expect(difference).toMatchObject({ from: 56, to: 56, a: EPERM, b: ALLOW });
    expect((difference?.args?.[0] ?? 0n) & 0x7e02_0000n).toBe(0x2_0000n);
  });
});

it('disassembles every kind of instruction', () => {
  const rows = [
    [op.BPF_LD + op.BPF_ABS, 0],
    [op.BPF_LD + op.BPF_ABS, 12],
    [op.BPF_LD + op.BPF_ABS, 28],
    [op.BPF_LD + op.BPF_LEN, 0],
    [op.BPF_LDX + op.BPF_IMM, 4096],
    [op.BPF_ST, 2],
    [op.BPF_STX, 3],
    [op.BPF_LD + op.BPF_MEM, 2],
    [op.BPF_ALU + op.BPF_AND, 15],
    [op.BPF_ALU + op.BPF_LSH + op.BPF_X, 0],
    [op.BPF_ALU + op.BPF_NEG, 0],
    [op.BPF_MISC + op.BPF_TAX, 0],
    [op.BPF_MISC + op.BPF_TXA, 0],
    [op.BPF_JMP + op.BPF_JSET + op.BPF_X + (1 << 16) + (2 << 24), 0],
    [op.BPF_JMP + op.BPF_JA, 1],
    [op.BPF_RET + op.BPF_A, 0],
    [op.BPF_RET, 0x7ff0_0007],
  ];
  const bytes = new Uint8Array(Uint32Array.from(rows.flat()).buffer);
  expect(disassemble(parseFilter(bytes)).split('\n')).toEqual([
    ' 0: A = nr',
    ' 1: A = instruction_pointer[4]',
    ' 2: A = args[1][4]',
    ' 3: A = sizeof(seccomp_data)',
    ' 4: X = 0x1000',
    ' 5: M[2] = A',
    ' 6: M[3] = X',
    ' 7: A = M[2]',
    ' 8: A &= 15',
    ' 9: A <<= X',
    '10: A = -A',
    '11: X = A',
    '12: A = X',
    '13: if A & X goto 15 else 16',
    '14: goto 16',
    '15: return A',
    '16: return TRACE(7)',
    '',
  ]);
});
