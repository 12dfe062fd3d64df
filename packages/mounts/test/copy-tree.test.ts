import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { O_DIRECTORY, O_PATH } from '@oci/kernel';
import { LiveKernel } from '@oci/kernel/live';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { copyTree } from '../src/copy-tree.ts';

const k = new LiveKernel();
let directory: string;
const from = (...path: string[]) => join(directory, 'from', ...path);
const to = (...path: string[]) => join(directory, 'to', ...path);

beforeEach(() => {
  directory = mkdtempSync('/tmp/oci-mounts-');
  mkdirSync(from());
  mkdirSync(to());
});
afterEach(() => rmSync(directory, { recursive: true }));

function copy(): void {
  const [source, target] = [from(), to()].map((path) => openSync(path, O_PATH | O_DIRECTORY));
  k.umask(0);
  copyTree(k, source ?? -1, target ?? -1);
  k.umask(0o022);
  for (const fd of [source, target]) k.close(fd ?? -1);
}

/** Everything below a directory, with what it is. */
function listing(path: string): string[] {
  const format = '%P %y %m %U:%G %s %l\\n';
  return execFileSync('find', [path, '-mindepth', '1', '-printf', format], { encoding: 'utf8' })
    .split('\n')
    .map((line) => (line.includes(' d ') ? line.replace(/\d+ $/, '') : line))
    .sort();
}

describe.runIf(process.getuid?.() === 0)('copyTree', () => {
  it('copies all kinds of files, with modes and owners', () => {
    mkdirSync(from('directory/deeper'), { recursive: true });
    chmodSync(from('directory'), 0o2711);
    chownSync(from('directory/deeper'), 3, 4);
    writeFileSync(from('directory/file'), 'content');
    writeFileSync(from('empty'), '');
    writeFileSync(from('setuid'), 'x');
    chownSync(from('setuid'), 5, 6);
    chmodSync(from('setuid'), 0o4750);
    symlinkSync('/etc/passwd', from('link'));
    symlinkSync('/no/such', from('directory/dangling'));
    execFileSync('mkfifo', ['-m', '620', from('fifo')]);
    execFileSync('mknod', [from('null'), 'c', '1', '3']);
    execFileSync('mknod', [from('high'), 'b', '259', '70000']);
    writeFileSync(from('large'), Buffer.alloc(3_000_000, 'abc'));
    copy();
    expect(listing(to())).toEqual(listing(from()));
    expect(readFileSync(to('large')).equals(readFileSync(from('large')))).toBe(true);
    expect(readlinkSync(to('link'))).toBe('/etc/passwd');
    expect(lstatSync(to('high')).rdev).toBe(lstatSync(from('high')).rdev);
    expect(readFileSync(to('directory/file'), 'utf8')).toBe('content');
  });

  it('goes on behind each directory among more entries than are read at once', () => {
    for (let index = 0; index < 300; index++) {
      const name = `${'n'.repeat(60)}-${index}`;
      if (index % 3 === 0) mkdirSync(from(name, 'within'), { recursive: true });
      else writeFileSync(from(name), String(index));
    }
    copy();
    expect(readdirSync(to())).toHaveLength(300);
    expect(listing(to())).toEqual(listing(from()));
  });

  it('copies what looks like the dots', () => {
    for (const name of ['.x', '..x', '...', '.', '..'].slice(0, 3)) writeFileSync(from(name), '');
    copy();
    expect(readdirSync(to()).sort()).toEqual(['...', '..x', '.x']);
  });

  it('leaves no descriptor open', () => {
    mkdirSync(from('a/b/c'), { recursive: true });
    writeFileSync(from('a/b/f'), '');
    const before = readdirSync('/proc/self/fd').length;
    copy();
    expect(readdirSync('/proc/self/fd')).toHaveLength(before);
  });

  it('refuses directories that lie too deep', () => {
    const deep = (levels: number) => Array.from({ length: levels }, () => 'd').join('/');
    mkdirSync(from(deep(64)), { recursive: true });
    copy();
    expect(lstatSync(to(deep(64))).isDirectory()).toBe(true);
    rmSync(to('d'), { recursive: true });
    mkdirSync(from(deep(65)), { recursive: true });
    expect(copy).toThrow('directories lie more than 64 deep in each other');
  });

  it('overwrites nothing', () => {
    symlinkSync(from('other'), to('file'));
    writeFileSync(from('file'), 'x');
    expect(copy).toThrow('openat2: file exists');
    expect(readdirSync(from())).toEqual(['file']);
  });
});
