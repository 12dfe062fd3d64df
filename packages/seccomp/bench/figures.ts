/**
 * Prints what the README says of speed and size: this package beside libseccomp, interleaved, in one
 * process. Run with `npx tsx --conditions=@oci/source bench/figures.ts`; needs Debian's libseccomp2.
 */
import type { SeccompArch } from '@oci/spec';
import { compileFilter, type Filter, syscallNames, syscallNumber, verdict } from '../src/index.ts';
import { dockerDefault } from '../test/docker.ts';
import { buildFilter, resolve } from '../test/libseccomp.ts';

/** The twenty most common calls; arm64 has no epoll_wait or access, but what replaced them. */
const common = (
  'read write close fstat newfstatat mmap mprotect munmap brk rt_sigaction rt_sigprocmask ioctl ' +
  'access openat lseek futex epoll_wait recvmsg sendto fcntl'
).split(' ');
const replaced = new Map([
  ['access', 'faccessat'],
  ['epoll_wait', 'epoll_pwait'],
]);

const rounds = 60;

/** Until the compiler of this code is done with it. */
const warmUp = 150;

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}

/** The median time of each, in ms, taking turns. */
function measure(subjects: Readonly<Record<string, () => unknown>>): Map<string, number> {
  const times = new Map(Object.keys(subjects).map((name): [string, number[]] => [name, []]));
  for (let round = -warmUp; round < rounds; round++)
    for (const [name, subject] of Object.entries(subjects)) {
      const start = performance.now();
      subject();
      if (round >= 0) times.get(name)?.push(performance.now() - start);
    }
  return new Map([...times].map(([name, list]) => [name, median(list)]));
}

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
  const times = measure(builders);
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

const arch = 'SCMP_ARCH_X86_64';
const names = syscallNames(arch);
const table = names.map((name) => ({ name, number: syscallNumber(arch, name) }));
console.log(`\nThe numbers of ${names.length} names, µs`);
console.table(
  [
    ...measure({
      'linear scan': () => names.map((name) => table.find((entry) => entry.name === name)?.number),
      'perfect hash (libseccomp, through FFI)': () => names.map((name) => resolve(arch, name)),
      'this package': () => names.map((name) => syscallNumber(arch, name)),
    }),
  ].map(([name, time]) => ({ name, µs: (1000 * time).toFixed(1) })),
);
