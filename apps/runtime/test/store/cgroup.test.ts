import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readCgroupPath, scopeAt } from '../../src/store/cgroup.ts';
import { temporaryDirectory } from './support.ts';

describe('readCgroupPath', () => {
  it('is what the launcher noted, which need not be there', () => {
    const directory = temporaryDirectory();
    symlinkSync('/system.slice/ocirun-x.scope', join(directory, 'cgroup'));
    expect(readCgroupPath(directory)).toBe('/system.slice/ocirun-x.scope');
  });

  it('is none where nothing was noted', () => {
    const directory = temporaryDirectory();
    expect(readCgroupPath(directory)).toBeUndefined();
    expect(readCgroupPath(join(directory, 'none'))).toBeUndefined();
    writeFileSync(join(directory, 'file'), '');
    expect(readCgroupPath(join(directory, 'file'))).toBeUndefined();
    writeFileSync(join(directory, 'cgroup'), '/x');
    expect(readCgroupPath(directory)).toBeUndefined();
    mkdirSync(join(directory, 'other', 'cgroup'), { recursive: true });
    expect(readCgroupPath(join(directory, 'other'))).toBeUndefined();
  });
});

describe('scopeAt', () => {
  it.each(['/x', '/system.slice', '/a.scope/x'])('%s is no scope', (path) => {
    expect(scopeAt(path)).toBeUndefined();
  });
});
