import { bench, describe } from 'vitest';
import { syscallNames, syscallNumber } from '../src/index.ts';
import { resolve } from '../test/libseccomp.ts';

const arch = 'SCMP_ARCH_X86_64';
const names = syscallNames(arch);
const table = names.map((name) => ({ name, number: syscallNumber(arch, name) }));

describe(`the numbers of x86-64's ${names.length} names`, () => {
  bench('linear scan', () => {
    for (const name of names) table.find((entry) => entry.name === name);
  });

  // libseccomp's gperf table, with the cost of a call through FFI on top.
  bench('perfect hash', () => {
    for (const name of names) resolve(arch, name);
  });

  bench('this package', () => {
    for (const name of names) syscallNumber(arch, name);
  });
});
