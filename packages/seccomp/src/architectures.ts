import type { Architecture } from '@oci/kernel';
import type { SeccompArch } from '@oci/spec';
import type { tables } from './generated/syscalls.ts';

/** What a filter has to know of an architecture. */
export interface ArchitectureInfo {
  readonly name: SeccompArch;
  /** `AUDIT_ARCH_*` of linux/audit.h: what `seccomp_data.arch` holds. */
  readonly audit: number;
  /** 32: only the lower half of each argument is compared, as libseccomp does. */
  readonly bits: 32 | 64;
  readonly bigEndian: boolean;
  /** The table of numbers, which the byte orders of an architecture share. */
  readonly table: keyof typeof tables;
  /** What is added to the table's numbers. */
  readonly base: number;
  /**
   * Whether calls for sockets and System V IPC may also come in through `socketcall` and `ipc`,
   * with the call's number there as first argument.
   */
  readonly multiplexed: boolean;
}

/** linux/audit.h: the ELF machine number and these. */
const WIDE = 0x8000_0000;
const LITTLE_ENDIAN = 0x4000_0000;
const MIPS_N32 = 0x2000_0000;

/** Bit 30 in x32's call numbers, which come with x86-64's audit architecture. */
export const X32_BIT = 0x4000_0000;

type Row = [audit: number, bits: 32 | 64, table: ArchitectureInfo['table'], options?: Options];
type Options = Partial<Pick<ArchitectureInfo, 'base' | 'multiplexed'>>;

const multiplexed = { multiplexed: true };

const rows: Record<SeccompArch, Row> = {
  SCMP_ARCH_X86: [3 + LITTLE_ENDIAN, 32, 'x86', multiplexed],
  SCMP_ARCH_X86_64: [62 + WIDE + LITTLE_ENDIAN, 64, 'x86_64'],
  SCMP_ARCH_X32: [62 + WIDE + LITTLE_ENDIAN, 32, 'x32', { base: X32_BIT }],
  SCMP_ARCH_ARM: [40 + LITTLE_ENDIAN, 32, 'arm'],
  SCMP_ARCH_AARCH64: [183 + WIDE + LITTLE_ENDIAN, 64, 'aarch64'],
  SCMP_ARCH_LOONGARCH64: [258 + WIDE + LITTLE_ENDIAN, 64, 'loongarch64'],
  SCMP_ARCH_M68K: [4, 32, 'm68k', multiplexed],
  SCMP_ARCH_MIPS: [8, 32, 'mips', { base: 4000, ...multiplexed }],
  SCMP_ARCH_MIPS64: [8 + WIDE, 64, 'mips64', { base: 5000 }],
  SCMP_ARCH_MIPS64N32: [8 + WIDE + MIPS_N32, 32, 'mips64n32', { base: 6000 }],
  SCMP_ARCH_MIPSEL: [8 + LITTLE_ENDIAN, 32, 'mips', { base: 4000, ...multiplexed }],
  SCMP_ARCH_MIPSEL64: [8 + WIDE + LITTLE_ENDIAN, 64, 'mips64', { base: 5000 }],
  SCMP_ARCH_MIPSEL64N32: [8 + WIDE + LITTLE_ENDIAN + MIPS_N32, 32, 'mips64n32', { base: 6000 }],
  SCMP_ARCH_PPC: [20, 32, 'ppc', multiplexed],
  SCMP_ARCH_PPC64: [21 + WIDE, 64, 'ppc64', multiplexed],
  SCMP_ARCH_PPC64LE: [21 + WIDE + LITTLE_ENDIAN, 64, 'ppc64', multiplexed],
  SCMP_ARCH_S390: [22, 32, 's390', multiplexed],
  SCMP_ARCH_S390X: [22 + WIDE, 64, 's390x', multiplexed],
  SCMP_ARCH_SH: [42 + LITTLE_ENDIAN, 32, 'sh', multiplexed],
  SCMP_ARCH_SHEB: [42, 32, 'sh', multiplexed],
  SCMP_ARCH_PARISC: [15, 32, 'parisc'],
  SCMP_ARCH_PARISC64: [15 + WIDE, 64, 'parisc64'],
  SCMP_ARCH_RISCV64: [243 + WIDE + LITTLE_ENDIAN, 64, 'riscv64'],
};

function describe(name: SeccompArch): ArchitectureInfo {
  const [audit, bits, table, { base = 0, multiplexed = false } = {}] = rows[name];
  return { name, audit, bits, bigEndian: isBigEndian(audit), table, base, multiplexed };
}

const described = new Map<string, ArchitectureInfo>();

/** @throws RangeError for a name that the specification does not have. */
export function architecture(name: SeccompArch): ArchitectureInfo {
  let info = described.get(name);
  if (!info) {
    if (!Object.hasOwn(rows, name)) throw new RangeError(`${name}: no such architecture`);
    info = describe(name);
    described.set(name, info);
  }
  return info;
}

/** All architectures that a profile may name. */
export function architectures(): ArchitectureInfo[] {
  return (Object.keys(rows) as SeccompArch[]).map(architecture);
}

/** Whether `seccomp_data` of this audit architecture is big-endian. */
export function isBigEndian(audit: number): boolean {
  return (audit & LITTLE_ENDIAN) === 0;
}

/** What a profile calls an architecture on which this code can make system calls. */
export function nativeArchitecture(architecture: Architecture): SeccompArch {
  return architecture === 'x86_64' ? 'SCMP_ARCH_X86_64' : 'SCMP_ARCH_AARCH64';
}
