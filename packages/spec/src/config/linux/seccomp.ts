import * as z from 'zod/mini';
import { optionalString, strings } from '../common.ts';
import { optionalUint32, optionalUint64, uint32, uint64 } from '../numbers.ts';

export const SeccompAction = z.enum([
  'SCMP_ACT_KILL',
  'SCMP_ACT_KILL_PROCESS',
  'SCMP_ACT_KILL_THREAD',
  'SCMP_ACT_TRAP',
  'SCMP_ACT_ERRNO',
  'SCMP_ACT_TRACE',
  'SCMP_ACT_ALLOW',
  'SCMP_ACT_LOG',
  'SCMP_ACT_NOTIFY',
]);
export type SeccompAction = z.infer<typeof SeccompAction>;

export const SeccompArch = z.enum([
  'SCMP_ARCH_X86',
  'SCMP_ARCH_X86_64',
  'SCMP_ARCH_X32',
  'SCMP_ARCH_ARM',
  'SCMP_ARCH_AARCH64',
  'SCMP_ARCH_LOONGARCH64',
  'SCMP_ARCH_M68K',
  'SCMP_ARCH_MIPS',
  'SCMP_ARCH_MIPS64',
  'SCMP_ARCH_MIPS64N32',
  'SCMP_ARCH_MIPSEL',
  'SCMP_ARCH_MIPSEL64',
  'SCMP_ARCH_MIPSEL64N32',
  'SCMP_ARCH_PPC',
  'SCMP_ARCH_PPC64',
  'SCMP_ARCH_PPC64LE',
  'SCMP_ARCH_S390',
  'SCMP_ARCH_S390X',
  'SCMP_ARCH_SH',
  'SCMP_ARCH_SHEB',
  'SCMP_ARCH_PARISC',
  'SCMP_ARCH_PARISC64',
  'SCMP_ARCH_RISCV64',
]);
export type SeccompArch = z.infer<typeof SeccompArch>;

export const SeccompFlag = z.enum([
  'SECCOMP_FILTER_FLAG_TSYNC',
  'SECCOMP_FILTER_FLAG_LOG',
  'SECCOMP_FILTER_FLAG_SPEC_ALLOW',
  'SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV',
]);
export type SeccompFlag = z.infer<typeof SeccompFlag>;

export const SeccompOperator = z.enum([
  'SCMP_CMP_NE',
  'SCMP_CMP_LT',
  'SCMP_CMP_LE',
  'SCMP_CMP_EQ',
  'SCMP_CMP_GE',
  'SCMP_CMP_GT',
  'SCMP_CMP_MASKED_EQ',
]);
export type SeccompOperator = z.infer<typeof SeccompOperator>;

/** One comparison of a system call's argument. */
export const SeccompArg = z.object({
  index: uint32,
  value: uint64,
  valueTwo: optionalUint64,
  op: SeccompOperator,
});
export type SeccompArg = z.infer<typeof SeccompArg>;

/** One rule: some system calls, what to do with them, and under which conditions. */
export const SeccompSyscall = z.object({
  names: strings,
  action: SeccompAction,
  errnoRet: optionalUint32,
  args: z.optional(z.array(SeccompArg)),
});
export type SeccompSyscall = z.infer<typeof SeccompSyscall>;

/** config-linux.md, "Seccomp". */
export const Seccomp = z.object({
  defaultAction: SeccompAction,
  defaultErrnoRet: optionalUint32,
  architectures: z.optional(z.array(SeccompArch)),
  flags: z.optional(z.array(SeccompFlag)),
  listenerPath: optionalString,
  listenerMetadata: optionalString,
  syscalls: z.optional(z.array(SeccompSyscall)),
});
export type Seccomp = z.infer<typeof Seccomp>;
