import { bench, describe } from 'vitest';
import { compileFilter } from '../src/index.ts';
import { dockerDefault } from '../test/docker.ts';
import { buildFilter } from '../test/libseccomp.ts';

const architecture = 'SCMP_ARCH_X86_64';
const profile = dockerDefault(architecture);

describe("Docker's default profile, for x86-64, x86 and x32", () => {
  bench('this package', () => {
    compileFilter(profile, { architecture });
  });

  bench('libseccomp', () => {
    buildFilter(profile, { architecture });
  });

  bench('libseccomp, binary tree', () => {
    buildFilter(profile, { architecture, optimize: 2 });
  });
});
