/**
 * Prints what the README says of the cache: how long it takes to find the filter of Docker's default
 * profile. Run with `npx tsx --conditions=@oci/source bench/cached.ts`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileFilter, FilterCache } from '../src/index.ts';
import { dockerDefault } from '../test/docker.ts';

const rounds = 300;

/** Until the compiler of this code is done with it. */
const warmUp = 200;

const architecture = 'SCMP_ARCH_X86_64';
const options = { architecture } as const;
const profile = dockerDefault(architecture);
const directory = join(mkdtempSync(join(tmpdir(), 'seccomp-bench-')), 'filters');

/** Made anew where the subject is to find nothing in memory. */
const fromDisk = () => new FilterCache({ directory, version: '1' });
const warm = fromDisk();
warm.compile(profile, options);

/** Each round gets a profile of its own that no cache has seen, equal to the others. */
const subjects: Readonly<Record<string, (another: typeof profile) => unknown>> = {
  'compiled, no cache': () => compileFilter(profile, options),
  'on disk': (another) => fromDisk().compile(another, options),
  'in memory, by content': (another) => warm.compile(another, options),
  'in memory, the same object': () => warm.compile(profile, options),
};

const times = new Map(Object.keys(subjects).map((name): [string, number[]] => [name, []]));
for (let round = -warmUp; round < rounds; round++)
  for (const [name, subject] of Object.entries(subjects)) {
    const another = structuredClone(profile);
    const start = performance.now();
    subject(another);
    if (round >= 0) times.get(name)?.push(performance.now() - start);
  }
rmSync(join(directory, '..'), { recursive: true });

const quantile = (values: readonly number[], part: number) =>
  values.toSorted((a, b) => a - b)[Math.floor(part * (values.length - 1))] ?? 0;

console.log("Docker's default profile, ms");
console.table(
  [...times].map(([name, values]) => ({
    name,
    median: quantile(values, 0.5).toFixed(4),
    p90: quantile(values, 0.9).toFixed(4),
  })),
);
