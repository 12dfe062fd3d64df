import { describe, expect, it } from 'vitest';
import {
  architectures,
  isSyscallName,
  syscallName,
  syscallNames,
  syscallNumber,
  syscallsKernel,
} from '../src/index.ts';
import { isKnown, isSupported, resolve } from './libseccomp.ts';

/** Names that libseccomp 2.5 has no number for, or another one, on some architecture. */
const mistaken = ['sys_debug_setcontext', 'memfd_secret', 'map_shadow_stack', '_llseek'];

describe('names and numbers', () => {
  it.each(architectures().filter(({ name }) => isSupported(name)))(
    'are those of libseccomp on $name',
    ({ name: arch }) => {
      const names = new Set(architectures().flatMap(({ name }) => syscallNames(name)));
      const compared = [...names].filter((name) => isKnown(name) && !mistaken.includes(name));
      expect(compared.length).toBeGreaterThan(450);
      const different = compared.filter((name) => {
        const theirs = resolve(arch, name);
        const isMultiplexed = theirs <= -100 && theirs >= -224;
        return !isMultiplexed && (theirs < 0 ? undefined : theirs) !== syscallNumber(arch, name);
      });
      expect(different).toEqual([]);
    },
  );

  it.each(architectures())('lead to each other on $name', ({ name: arch }) => {
    const names = syscallNames(arch);
    expect(names.length).toBeGreaterThan(300);
    for (const name of names) {
      const number = syscallNumber(arch, name) ?? -1;
      expect(syscallName(arch, number)).toBe(name);
    }
  });

  it('are those of man pages and headers', () => {
    expect(syscallNumber('SCMP_ARCH_X86_64', 'read')).toBe(0);
    expect(syscallNumber('SCMP_ARCH_X86', 'read')).toBe(3);
    expect(syscallNumber('SCMP_ARCH_AARCH64', 'read')).toBe(63);
    expect(syscallNumber('SCMP_ARCH_X32', 'read')).toBe(0x4000_0000);
    expect(syscallNumber('SCMP_ARCH_X32', 'ioctl')).toBe(0x4000_0000 + 514);
    expect(syscallNumber('SCMP_ARCH_MIPS64N32', 'read')).toBe(6000);
    expect(syscallNumber('SCMP_ARCH_ARM', 'set_tls')).toBe(0x0f_0005);
    expect(syscallName('SCMP_ARCH_ARM', 0x0f_0005)).toBe('set_tls');
    expect(syscallNumber('SCMP_ARCH_S390X', 's390_pci_mmio_read')).toBe(353);
  });

  it('are there for the newest calls', () => {
    expect(syscallsKernel).toMatch(/^\d+\.\d+\.\d+$/);
    for (const [name, number] of [
      ['cachestat', 451],
      ['fchmodat2', 452],
      ['futex_requeue', 456],
      ['lsm_list_modules', 461],
      ['mseal', 462],
      ['removexattrat', 466],
      ['open_tree_attr', 467],
      ['file_setattr', 469],
    ] as const)
      for (const arch of ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_AARCH64'] as const)
        expect(syscallNumber(arch, name)).toBe(number);
  });

  it('are not there for what no kernel has', () => {
    expect(isSyscallName('socketcall')).toBe(true);
    expect(syscallNumber('SCMP_ARCH_X86_64', 'socketcall')).toBeUndefined();
    for (const name of ['', 'opens', 'unused18', 'constructor', '__proto__', 'read ']) {
      expect(isSyscallName(name)).toBe(false);
      expect(syscallNumber('SCMP_ARCH_X86_64', name)).toBeUndefined();
    }
    for (const number of [-1, 400, 4095, 4096, 0xffff_ffff])
      expect(syscallName('SCMP_ARCH_X86_64', number)).toBeUndefined();
  });
});
