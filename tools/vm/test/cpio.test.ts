import { execFileSync } from 'node:child_process';
import { lstatSync, mkdtempSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { archive } from '../cpio.ts';

const directory = mkdtempSync(join(tmpdir(), 'ocirun-cpio-'));
afterEach(() => rmSync(directory, { recursive: true }));

test('is what cpio unpacks, as long as its parts may be', () => {
  const content = 'longer than four bytes';
  const bytes = archive([
    { type: 'directory', path: 'units' },
    { type: 'file', path: 'units/a.service', mode: 0o640, content },
    { type: 'file', path: 'empty', mode: 0o755, content: '' },
    { type: 'link', path: 'units/masked', target: '/dev/null' },
  ]);
  expect(bytes.length % 4).toBe(0);

  execFileSync('/bin/busybox', ['cpio', '-i'], { cwd: directory, input: bytes, stdio: 'pipe' });
  const file = join(directory, 'units/a.service');
  expect(readFileSync(file, 'utf8')).toBe(content);
  expect(lstatSync(file).mode & 0o777).toBe(0o640);
  expect(lstatSync(join(directory, 'empty'))).toMatchObject({ size: 0 });
  expect(readlinkSync(join(directory, 'units/masked'))).toBe('/dev/null');
});
