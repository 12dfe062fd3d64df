/**
 * Prints what the README says of speed and size: this package beside libseccomp, interleaved, in one
 * process. Run with `npx tsx --conditions=@oci/source bench/figures.ts`; needs Debian's libseccomp2.
 */
import type { SeccompArch } from '@oci/spec';
import { compileFilter, type Filter, syscallNumber, verdict } from '../src/index.ts';
import { dockerDefault } from '../test/docker.ts';
import { buildFilter } from '../test/libseccomp.ts';
import { printField } from './field.ts';
import { measure } from './measure.ts';

/** The twenty most common calls; arm64 has no epoll_wait or access, but what replaced them. */
const common = (
  'read write close fstat newfstatat mmap mprotect munmap brk rt_sigaction rt_sigprocmask ioctl ' +
  'access openat lseek futex epoll_wait recvmsg sendto fcntl'
).split(' ');
const replaced = new Map([
  ['access', 'faccessat'],
  ['epoll_wait', 'epoll_pwait'],
]);

function executed(filter: Filter, arch: SeccompArch): number {
  const counts = common.map((name) => {
    const nr = syscallNumber(arch, name) ?? syscallNumber(arch, replaced.get(name) ?? '') ?? -1;
    return verdict(filter, { arch, nr }).executed;
  });
  return counts.reduce((sum, count) => sum + count, 0) / counts.length;
}

for (const architecture of ['SCMP_ARCH_X86_64', 'SCMP_ARCH_AARCH64'] as const) {
  const profile = dockerDefault(architecture);
  const builders = {
    'this package': () => compileFilter(profile, { architecture }).filter,
    libseccomp: () => buildFilter(profile, { architecture }),
    'libseccomp, binary tree': () => buildFilter(profile, { architecture, optimize: 2 }),
  };
  const times = measure(builders, () => undefined);
  console.log(`\nDocker's default profile, ${profile.architectures?.join(', ')}`);
  console.table(
    Object.entries(builders).map(([name, build]) => ({
      name,
      'compile, ms': times.get(name)?.toFixed(3),
      instructions: build().length,
      'executed, mean': executed(build(), architecture).toFixed(2),
    })),
  );
}

printField();
