import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { SeccompArch } from '@oci/spec';
import { expect, it } from 'vitest';
import { architecture, architectures, nativeArchitecture } from '../src/index.ts';

/** Where linux/audit.h has another name than profiles. */
const others: Partial<Record<SeccompArch, string>> = {
  SCMP_ARCH_X86: 'I386',
  SCMP_ARCH_X32: 'X86_64',
  SCMP_ARCH_SH: 'SHEL',
  SCMP_ARCH_SHEB: 'SH',
};

it('has the audit numbers of linux/audit.h', () => {
  const directory = mkdtempSync('/tmp/oci-seccomp-');
  const lines = SeccompArch.options.map((name) => {
    const audit = `AUDIT_ARCH_${others[name] ?? name.replace('SCMP_ARCH_', '')}`;
    return `printf("${name} %u\\n", (unsigned)${audit});`;
  });
  const source = `#include <linux/audit.h>\n#include <stdio.h>\nint main(void) { ${lines.join('\n')} }`;
  execFileSync('cc', ['-x', 'c', '-o', `${directory}/audit`, '-'], { input: source });
  const printed = execFileSync(`${directory}/audit`, { encoding: 'utf8' });
  rmSync(directory, { recursive: true });
  const ours = architectures().map(({ name, audit }) => `${name} ${audit}`);
  expect(printed.trim().split('\n').sort()).toEqual(ours.sort());
});

it('knows the byte order of each', () => {
  const big = architectures().filter(({ bigEndian }) => bigEndian);
  expect(big.map(({ name }) => name.replace('SCMP_ARCH_', '')).sort()).toEqual(
    'M68K MIPS MIPS64 MIPS64N32 PARISC PARISC64 PPC PPC64 S390 S390X SHEB'.split(' '),
  );
});

it('refuses others', () => {
  expect(() => architecture('SCMP_ARCH_Z80' as SeccompArch)).toThrow(RangeError);
  expect(() => architecture('constructor' as SeccompArch)).toThrow(RangeError);
  expect(nativeArchitecture('aarch64')).toBe('SCMP_ARCH_AARCH64');
});
