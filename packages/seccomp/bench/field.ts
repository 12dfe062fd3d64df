import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileFilter, FilterCache, syscallNames, syscallNumber } from '../src/index.ts';
import { dockerDefault } from '../test/docker.ts';
import { buildFilter, resolve } from '../test/libseccomp.ts';
import { measure } from './measure.ts';

const architecture = 'SCMP_ARCH_X86_64';
const options = { architecture } as const;
const profile = dockerDefault(architecture);

/** The numbers of all names, and what of it takes how long in ms. */
function lookUps(): { readonly count: number; readonly times: Map<string, number> } {
  const names = syscallNames(architecture);
  const table = names.map((name) => ({ name, number: syscallNumber(architecture, name) }));
  const numberIn = (name: string) => table.find((entry) => entry.name === name)?.number;
  const subjects = {
    'linear scan': () => names.map(numberIn),
    'perfect hash': () => names.map((name) => resolve(architecture, name)),
    'this package': () => names.map((name) => syscallNumber(architecture, name)),
  };
  return { count: names.length, times: measure(subjects, () => undefined) };
}

/** Docker's default profile to its filter. */
function filters(): Map<string, number> {
  const directory = join(mkdtempSync(join(tmpdir(), 'seccomp-bench-')), 'filters');
  /** Made anew where the subject is to find nothing in memory. */
  const fromDisk = () => new FilterCache({ directory, version: '1' });
  const warm = fromDisk();
  warm.compile(profile, options);
  /** Each round gets a profile of its own that no cache has seen, equal to the others. */
  const ours = measure(
    {
      compiled: () => compileFilter(profile, options),
      'on disk': (another) => fromDisk().compile(another, options),
      'by content': (another) => warm.compile(another, options),
      'the same object': () => warm.compile(profile, options),
    },
    () => structuredClone(profile),
  );
  rmSync(join(directory, '..'), { recursive: true });
  const theirs = measure({ libseccomp: () => buildFilter(profile, options) }, () => undefined);
  return new Map([...ours, ...theirs]);
}

/**
 * Prints figures of the field beside those of today: what crun's author measured from 2017 to 2022,
 * in user time of a whole run, and the medians of this package and libseccomp here.
 */
export function printField(): void {
  const { count, times } = lookUps();
  const made = filters();
  const seconds = (name: string) => `${times.get(name)?.toPrecision(2)} s`;
  const milliseconds = (name: string) => `${made.get(name)?.toPrecision(2)} ms`;
  console.log(`\nThe field and today; 1,000 times ${count} names; Docker's default profile`);
  console.table([
    { what: 'names, linear scan', field: '0.45 s', here: seconds('linear scan') },
    { what: 'names, perfect hash', field: '0.06 s', here: seconds('perfect hash') },
    { what: 'names, this package', here: seconds('this package') },
    { what: 'filter, libseccomp with linear scan', field: '38.9 of 43 ms' },
    { what: 'filter, libseccomp', field: '12.6 ms', here: milliseconds('libseccomp') },
    { what: 'filter, this package', here: milliseconds('compiled') },
    { what: 'found again, crun', field: '1.0 ms' },
    { what: 'found again on disk', here: milliseconds('on disk') },
    { what: 'found again in memory, by content', here: milliseconds('by content') },
    { what: 'found again in memory, the same object', here: milliseconds('the same object') },
  ]);
}
