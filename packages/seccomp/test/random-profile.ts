import {
  type Seccomp,
  type SeccompArch,
  type SeccompArg,
  SeccompOperator,
  type SeccompSyscall,
} from '@oci/spec';
import type { Random } from './random.ts';

/** Values at which comparisons of either half of an argument change their mind. */
export const edgeValues: readonly bigint[] = [
  0n,
  1n,
  2n,
  38n,
  0xffn,
  0x7fff_ffffn,
  0x8000_0000n,
  0xffff_fffen,
  0xffff_ffffn,
  0x1_0000_0000n,
  0x1_0000_0001n,
  0x1_0000_0026n,
  0x8000_0000_0000_0000n,
  0xffff_ffff_0000_0000n,
  0xffff_ffff_ffff_ffffn,
];

const denied: readonly Action[] = [
  { action: 'SCMP_ACT_ERRNO', errnoRet: 1 },
  { action: 'SCMP_ACT_ERRNO' },
  { action: 'SCMP_ACT_ERRNO', errnoRet: 38 },
  { action: 'SCMP_ACT_KILL' },
  { action: 'SCMP_ACT_KILL_PROCESS' },
  { action: 'SCMP_ACT_KILL_THREAD' },
  { action: 'SCMP_ACT_TRAP' },
  { action: 'SCMP_ACT_TRACE', errnoRet: 7 },
  { action: 'SCMP_ACT_LOG' },
];
const allowed: readonly Action[] = [{ action: 'SCMP_ACT_ALLOW' }, { action: 'SCMP_ACT_NOTIFY' }];

export type Action = Pick<SeccompSyscall, 'action' | 'errnoRet'>;

/** Architectures that run on one machine, native first. */
export const families: readonly (readonly SeccompArch[])[] = [
  ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32'],
  ['SCMP_ARCH_AARCH64', 'SCMP_ARCH_ARM'],
  ['SCMP_ARCH_MIPS64', 'SCMP_ARCH_MIPS', 'SCMP_ARCH_MIPS64N32'],
  ['SCMP_ARCH_MIPSEL64', 'SCMP_ARCH_MIPSEL', 'SCMP_ARCH_MIPSEL64N32'],
  ['SCMP_ARCH_PPC64', 'SCMP_ARCH_PPC'],
  ['SCMP_ARCH_PPC64LE'],
  ['SCMP_ARCH_S390X', 'SCMP_ARCH_S390'],
  ['SCMP_ARCH_PARISC64', 'SCMP_ARCH_PARISC'],
  ['SCMP_ARCH_RISCV64'],
  ['SCMP_ARCH_LOONGARCH64'],
  ['SCMP_ARCH_M68K'],
  ['SCMP_ARCH_SH'],
  ['SCMP_ARCH_SHEB'],
];

export interface RandomProfileOptions {
  /** Names to choose from. */
  readonly names: readonly string[];
  readonly family: readonly SeccompArch[];
  /** Conditions of one rule. */
  readonly conditions: (random: Random) => SeccompArg[];
  /** Whether rules of one call may have different actions. */
  readonly mixed: boolean;
}

export function randomProfile(random: Random, options: RandomProfileOptions): Seccomp {
  const permissive = random.chance(0.5);
  const [usual, other] = permissive ? [allowed, denied] : [denied, allowed];
  const { action: defaultAction, errnoRet } = random.pick(
    usual.filter(({ action }) => action !== 'SCMP_ACT_NOTIFY'),
  );
  const calls = random.some(options.names, 1 + random.below(40));
  const action = (): Action => random.pick(random.chance(0.7) ? other : [...allowed, ...denied]);
  const rules = calls.flatMap((name): SeccompSyscall[] => {
    const one = action();
    return Array.from({ length: random.chance(0.7) ? 1 : 1 + random.below(5) }, () => {
      const args = random.chance(0.5) ? options.conditions(random) : [];
      const chosen = options.mixed ? action() : one;
      return { names: [name], ...chosen, ...(args.length > 0 && { args }) };
    });
  });
  return {
    defaultAction,
    ...(errnoRet !== undefined && { defaultErrnoRet: errnoRet }),
    architectures: random.some(options.family, random.below(options.family.length + 1)),
    syscalls: random.some(rules, rules.length),
  };
}

/** One comparison of an argument. */
export function randomComparison(
  random: Random,
  index: number,
  operators: readonly SeccompOperator[] = SeccompOperator.options,
): SeccompArg {
  const op = random.pick(operators);
  const value = random.pick(edgeValues);
  return op === 'SCMP_CMP_MASKED_EQ'
    ? { index, op, value, valueTwo: random.pick(edgeValues) }
    : { index, op, value };
}
