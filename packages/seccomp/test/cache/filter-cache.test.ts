import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KeyedCache } from '@oci/cache';
import type { Seccomp } from '@oci/spec';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { FilterCache } from '../../src/cache/index.ts';
import { compileFilter } from '../../src/compile.ts';

const options = { architecture: 'SCMP_ARCH_X86_64' } as const;
const profile = (): Seccomp => ({
  defaultAction: 'SCMP_ACT_ERRNO',
  syscalls: [{ names: ['read', 'nothing_of_that_name'], action: 'SCMP_ACT_ALLOW' }],
});

let directory: string;
const newCache = (version = '1') => new FilterCache({ directory, version });

beforeEach(() => {
  directory = join(mkdtempSync(join(tmpdir(), 'filters-')), 'cache');
});
afterEach(() => rmSync(join(directory, '..'), { recursive: true }));

it('compiles a profile once, and finds all that came of it', () => {
  const expected = compileFilter(profile(), options);
  const first = newCache();
  const same = profile();
  const found = [
    first.compile(same, options),
    first.compile(same, options),
    first.compile(profile(), options),
    newCache().compile(profile(), options),
  ];
  for (const compiled of found) {
    expect(compiled.filter.bytes).toEqual(expected.filter.bytes);
    expect(compiled.skipped).toEqual(expected.skipped);
    expect(compiled.notifies).toBe(expected.notifies);
  }
  expect(expected.skipped).toHaveLength(1);
  expect(found[1]).toBe(found[0]);
  expect(found[2]).toBe(found[0]);
  expect(found[3]).not.toBe(found[0]);
});

it('compiles again for another profile, another version, other options', () => {
  const distinct = () => readdirSync(directory).length;
  newCache().compile(profile(), options);
  newCache().compile({ ...profile(), defaultAction: 'SCMP_ACT_KILL' }, options);
  expect(distinct()).toBe(2);
  newCache('2').compile(profile(), options);
  expect(distinct()).toBe(3);
  newCache().compile(profile(), { ...options, newerCalls: 'ENOSYS' });
  newCache().compile(profile(), { architecture: 'SCMP_ARCH_AARCH64' });
  expect(distinct()).toBe(5);
});

it('tells apart arguments that only bigints can hold', () => {
  const compared = (value: bigint): Seccomp => ({
    ...profile(),
    syscalls: [
      {
        names: ['read'],
        action: 'SCMP_ACT_ALLOW',
        args: [{ index: 1, value, op: 'SCMP_CMP_EQ' }],
      },
    ],
  });
  const cache = newCache();
  const [a, b] = [2n ** 63n, 2n ** 63n + 1n].map((value) =>
    cache.compile(compared(value), options),
  );
  expect(a?.filter.bytes).not.toEqual(b?.filter.bytes);
});

it.each<[string, (content: string) => string]>([
  ['without a head', (content) => content.slice(content.indexOf('\n') + 1)],
  ['with another head', (content) => content.replace('notifies', 'something')],
  ['that is no filter', (content) => `${content.slice(0, content.indexOf('\n') + 1)}12345678`],
])('never loads an entry %s, however well it is kept', (_, change) => {
  const find = vi.spyOn(KeyedCache.prototype, 'find');
  newCache().compile(profile(), options);
  const [, whole] = [...readEntries()];
  find.mockReturnValue(Buffer.from(change(whole ?? ''), 'latin1'));
  const { filter } = newCache().compile(profile(), options);
  find.mockRestore();
  expect(filter.bytes).toEqual(compileFilter(profile(), options).filter.bytes);
});

it('keeps nothing on disk unless it is told where', () => {
  const cache = new FilterCache({ version: '1' });
  expect(cache.compile(profile(), options)).toBe(cache.compile(profile(), options));
});

it('replaces a damaged entry', () => {
  newCache().compile(profile(), options);
  const [name = ''] = readdirSync(directory);
  const sound = readFileSync(join(directory, name));
  writeFileSync(join(directory, name), sound.subarray(0, 10));
  newCache().compile(profile(), options);
  expect(readFileSync(join(directory, name))).toEqual(sound);
});

/** The key's line of the only entry, and what follows. */
function readEntries(): [string, string] {
  const [name = ''] = readdirSync(directory);
  const text = readFileSync(join(directory, name), 'latin1');
  const end = text.indexOf('\n') + 1;
  return [text.slice(0, end), text.slice(end)];
}
