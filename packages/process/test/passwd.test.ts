import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AT_FDCWD,
  O_CLOEXEC,
  O_DIRECTORY,
  O_PATH,
  RESOLVE_IN_ROOT,
  S_IFIFO,
  S_IFREG,
} from '@oci/kernel';
import { FakeKernel, FakeMemory } from '@oci/kernel/fake';
import { LiveKernel } from '@oci/kernel/live';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { recordHome } from '../src/passwd.ts';

const kernel = new LiveKernel();
let root = '';

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'passwd-'));
  mkdirSync(join(root, 'etc'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function home(uid: number): string {
  const directory = kernel.openat(AT_FDCWD, root, O_PATH | O_DIRECTORY | O_CLOEXEC);
  const memory = recordHome(kernel, uid, { directory, resolve: RESOLVE_IN_ROOT });
  kernel.close(directory);
  if (!(memory instanceof FakeMemory)) throw new Error('live memory is expected');
  return memory.text.toString();
}

function passwd(content: string): void {
  writeFileSync(join(root, 'etc/passwd'), content);
}

const debian = [
  'root:x:0:0:root:/root:/bin/bash',
  'daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin',
  'nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin',
  'short:x:7:7::/s:',
  '',
].join('\n');

describe('recordHome', () => {
  it.each([
    [0, '/root'],
    [1, '/usr/sbin'],
    [65534, '/nonexistent'],
    [7, '/s'],
    [2, '/'],
    [6553, '/'],
    [655340, '/'],
  ])('finds the home of %i', (uid, expected) => {
    passwd(debian);
    expect(home(uid)).toBe(`HOME=${expected}`);
  });

  it.each([
    ['a last line without an end', 'a:x:5:5::/five:/bin/sh', '/five'],
    ['a line that ends with the home', 'a:x:5:5::/five\n', '/five'],
    ['an empty home', 'a:x:5:5:::/bin/sh\n', '/'],
    ['the first of two', 'a:x:5:5::/one:\nb:x:5:5::/two:\n', '/one'],
    [
      'an id that is no number',
      'a:x:5x:5::/bad:\nb:x::5::/bad:\nc:x:-5::/bad:\nd:x:5:5::/ok:\n',
      '/ok',
    ],
    ['zeros in front', 'a:x:005:5::/zeros:\n', '/zeros'],
    ['an id that comes round to this one', `a:x:${2n ** 64n + 5n}:5::/round:\n`, '/'],
    ['an id that is 2^32 more', `a:x:${2 ** 32 + 5}:5::/more:\n`, '/'],
    ['too few fields', 'a:x:5\nb:x:6:6::/six:\n', '/'],
    ['comments and empty lines', '\n# hello\n\n+::::::\na:x:5:5::/five:\n', '/five'],
    ['no line at all', '', '/'],
    ['a home longer than any path', `a:x:5:5::/${'x'.repeat(5000)}:\n`, '/'],
    ['NUL in a home', 'a:x:5:5::/fi\0ve:\n', '/fi'],
  ])('copes with %s', (_, content, expected) => {
    passwd(content);
    expect(home(5)).toBe(`HOME=${expected}`);
  });

  it('does not take an id of another user for an empty one', () => {
    passwd('a:x::0::/bad:\nb:x:x:0::/bad:\nroot:x:0:0::/root:\n');
    expect(home(0)).toBe('HOME=/root');
  });

  it('reads across chunks, whatever the border falls on', () => {
    for (let length = 4070; length < 4100; length++) {
      passwd(`#${'x'.repeat(length)}\na:x:5:5:gecos:/home/five:/bin/sh\n`);
      expect(home(5)).toBe('HOME=/home/five');
    }
  });

  it('stops at 64 KiB, and takes no half of a home', () => {
    passwd(`${'#'.repeat(65_000)}\na:x:5:5::/near:\n`);
    expect(home(5)).toBe('HOME=/near');
    passwd(`${'#'.repeat(70_000)}\na:x:5:5::/far:\n`);
    expect(home(5)).toBe('HOME=/');
    passwd(`${'#'.repeat(65_536 - 15)}\na:x:5:5::/across:\n`);
    expect(home(5)).toBe('HOME=/');
  });

  it('gives / without a file', () => {
    expect(home(0)).toBe('HOME=/');
    rmSync(join(root, 'etc'), { recursive: true });
    expect(home(0)).toBe('HOME=/');
  });

  it('neither waits for a FIFO nor trusts a directory', () => {
    execFileSync('mkfifo', [join(root, 'etc/passwd')]);
    expect(home(0)).toBe('HOME=/');
    rmSync(join(root, 'etc/passwd'));
    mkdirSync(join(root, 'etc/passwd'));
    expect(home(0)).toBe('HOME=/');
  });

  it('follows links within the root only', () => {
    writeFileSync(join(root, 'real'), 'a:x:5:5::/real:\n');
    symlinkSync('/real', join(root, 'etc/passwd'));
    expect(home(5)).toBe('HOME=/real');
    rmSync(join(root, 'etc/passwd'));
    // Below the root there is none: the host's must not be found.
    symlinkSync('../../../../../../../etc/passwd', join(root, 'etc/passwd'));
    expect(home(0)).toBe('HOME=/');
  });

  it('copes with reads that return little, and with one that fails', () => {
    const line = 'a:x:5:5::/five:\n';
    const reading = (until: number) => {
      const fake = new FakeKernel();
      let at = 0;
      fake.returns('statx', ({ args: [, , , , memory] }) => {
        if (memory instanceof FakeMemory) memory.store(28, 2, S_IFREG | 0o644);
        return 0;
      });
      fake.returns('read', ({ args: [, memory] }) => {
        if (at >= until) return until < line.length ? -5 : 0;
        if (memory instanceof FakeMemory) memory.store(0, 1, line.charCodeAt(at));
        at++;
        return 1;
      });
      const memory = recordHome(fake, 5, { directory: AT_FDCWD, resolve: 0 });
      return memory instanceof FakeMemory ? memory.text.toString() : '';
    };
    expect(reading(line.length)).toBe('HOME=/five');
    // In the middle of the home: what was read of it is not it.
    expect(reading(12)).toBe('HOME=/');
  });

  it('reads nothing but a file', () => {
    const fake = new FakeKernel();
    fake.returns('statx', ({ args: [, , , , memory] }) => {
      if (memory instanceof FakeMemory) memory.store(28, 2, S_IFIFO | 0o644);
      return 0;
    });
    recordHome(fake, 0, { directory: AT_FDCWD, resolve: 0 });
    expect(fake.lines.some((line) => line.startsWith('read('))).toBe(false);
    expect(fake.open).toEqual([]);
  });
});
