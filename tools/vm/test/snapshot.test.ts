import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { snapshot } from '../snapshot.ts';

test('leaves out what is at the top and not worked on, and follows no link', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'ocirun-snapshot-'));
  try {
    const [from, to] = [join(directory, 'from'), join(directory, 'to')];
    for (const path of ['.git', 'node_modules/a', 'packages/a/node_modules/b'])
      mkdirSync(join(from, path), { recursive: true });
    writeFileSync(join(from, 'package.json'), '{}');
    symlinkSync('../../../a', join(from, 'packages/a/node_modules/link'));
    await snapshot(from, to, new AbortController().signal);
    expect(readdirSync(to).sort()).toEqual(['package.json', 'packages']);
    expect(readdirSync(join(to, 'packages/a/node_modules'))).toEqual(['b', 'link']);
    expect(readlinkSync(join(to, 'packages/a/node_modules/link'))).toBe('../../../a');
  } finally {
    rmSync(directory, { recursive: true });
  }
});
