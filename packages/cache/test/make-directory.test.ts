import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeDirectory } from '@oci/cache';
import { afterAll, expect, it } from 'vitest';

const directory = mkdtempSync(join(tmpdir(), 'make-directory-'));
afterAll(() => rmSync(directory, { recursive: true }));

it('makes directories for their owner alone, and is content with one that is there', () => {
  const deep = join(directory, 'a/b/c');
  makeDirectory(deep);
  makeDirectory(deep);
  expect(statSync(join(directory, 'a')).mode & 0o777).toBe(0o700);
  expect(statSync(deep).mode & 0o777).toBe(0o700);
});

it('fails where none can be made, instead of trying for ever', () => {
  expect(() => makeDirectory('/proc/none/x')).toThrow('ENOENT');
  writeFileSync(join(directory, 'file'), '');
  expect(() => makeDirectory(join(directory, 'file/x'))).toThrow('ENOTDIR');
});
