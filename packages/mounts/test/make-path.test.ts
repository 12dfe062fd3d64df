import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { O_DIRECTORY, O_NOFOLLOW, O_PATH } from '@oci/kernel';
import { LiveKernel } from '@oci/kernel/live';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makePath } from '../src/make-path.ts';

const k = new LiveKernel();
let directory: string;
const inside = (...path: string[]) => join(directory, 'rootfs', ...path);

beforeEach(() => {
  directory = mkdtempSync('/tmp/oci-mounts-');
  mkdirSync(inside());
});
afterEach(() => rmSync(directory, { recursive: true }));

/** What was made, by where the descriptor leads. */
function make(path: string, kind: 'directory' | 'file' = 'directory', flags = 0): string {
  const rootfs = openSync(inside(), O_PATH | O_DIRECTORY);
  const fd = makePath(k, rootfs, path, { directory: kind === 'directory' ? 1 : 0, flags });
  const made = readlinkSync(`/proc/self/fd/${fd}`).slice(inside().length);
  for (const open of [Number(fd), rootfs]) k.close(open);
  return made;
}

describe('makePath', () => {
  it.each([
    ['a', 'directory'],
    ['a/b/c', 'directory'],
    ['a/b/c', 'file'],
    ['ä/ö', 'file'],
    [`${'n'.repeat(255)}/x`, 'file'],
  ] as const)('makes what is missing: %s, a %s', (path, kind) => {
    const before = readdirSync('/proc/self/fd').length;
    expect(make(path, kind)).toBe(`/${path}`);
    expect(lstatSync(inside(path)).isDirectory()).toBe(kind === 'directory');
    expect(readdirSync('/proc/self/fd')).toHaveLength(before);
  });

  it('keeps what is there', () => {
    mkdirSync(inside('a'));
    writeFileSync(inside('a/file'), 'x');
    expect(make('a/b')).toBe('/a/b');
    expect(make('a/file')).toBe('/a/file');
    expect(readdirSync(inside('a')).sort()).toEqual(['b', 'file']);
  });

  it.each([
    // Where a link leads, what it is called, what is asked for, what is made.
    ['/run', 'var/run', 'var/run/lock', '/run/lock'],
    ['../run', 'var/run', 'var/run', '/run'],
    ['/a/b/c', 'link', 'link/d', '/a/b/c/d'],
    ['a/b/', 'link', 'link', '/a/b'],
    ['../../../../a', 'var/link', 'var/link', '/a'],
    ['/var/../b/./c', 'link', 'link/d', '/b/c/d'],
  ])('makes what a link leads to: %s', (target, link, path, made) => {
    mkdirSync(inside('var'));
    symlinkSync(target, inside(link));
    expect(make(path)).toBe(made);
    expect(readdirSync(directory)).toEqual(['rootfs']);
  });

  it('makes the file that a link leads to', () => {
    symlinkSync('../run/systemd/resolv.conf', inside('resolv.conf'));
    expect(make('resolv.conf', 'file')).toBe('/run/systemd/resolv.conf');
    expect(lstatSync(inside('run/systemd/resolv.conf')).isFile()).toBe(true);
  });

  it('follows links to links, inside the rootfs', () => {
    symlinkSync(join(directory, 'outside'), inside('one'));
    symlinkSync('one/x', inside('two'));
    expect(make('two/y')).toBe(join(directory, 'outside', 'x/y'));
    expect(readdirSync(directory)).toEqual(['rootfs']);
  });

  it('gives up on links without end', () => {
    symlinkSync('b/x', inside('a'));
    symlinkSync('a/x', inside('b'));
    expect(() => make('a')).toThrow('too many levels of symbolic links');
    expect(readdirSync(inside()).sort()).toEqual(['a', 'b']);
  });

  it('fails where a file is in the way', () => {
    writeFileSync(inside('file'), '');
    expect(() => make('file/x')).toThrow('not a directory');
  });

  it('gives up on a link that is too long with what is behind it', () => {
    symlinkSync(Array.from({ length: 16 }, () => 'l'.repeat(250)).join('/'), inside('long'));
    const rest = Array.from({ length: 2 }, () => 'r'.repeat(200)).join('/');
    expect(() => make(`long/${rest}`)).toThrow('file name too long');
  });

  it('does not follow the last part where it must not', () => {
    mkdirSync(inside('a'));
    symlinkSync('/nowhere', inside('a/link'));
    expect(make('a/link', 'file', O_NOFOLLOW)).toBe('/a/link');
    expect(readdirSync(inside())).toEqual(['a']);
  });
});
