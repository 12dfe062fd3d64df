import { mkdirSync, mkdtempSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Fd, O_CLOEXEC, O_DIRECTORY, O_PATH, Provision } from '@oci/kernel';
import { FakeKernel } from '@oci/kernel/fake';
import { LiveKernel } from '@oci/kernel/live';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cwdStages } from '../src/index.ts';
import { bare, configWith } from './config.ts';

function run(kernel: FakeKernel, cwd: string, uid: number): void {
  const { privileged, asUser } = cwdStages(configWith({ ...bare, cwd, user: { uid, gid: uid } }));
  for (const stage of [...privileged, ...asUser]) stage.run(kernel);
}

const open = (cwd: string) =>
  `openat2(AT_FDCWD, "${cwd}", {flags=O_DIRECTORY|O_PATH|O_CLOEXEC, resolve=RESOLVE_NO_MAGICLINKS}, 24)`;

describe('cwdStages', () => {
  it('changes by descriptor, once', () => {
    for (const uid of [0, 5]) {
      const kernel = new FakeKernel();
      run(kernel, '/work', uid);
      expect(kernel.lines).toEqual([open('/work'), 'fchdir(3)']);
    }
  });

  it('tries again as the user where root is refused', () => {
    const kernel = new FakeKernel();
    kernel.fail('openat2', 'EACCES', { times: 1 });
    run(kernel, '/work', 5);
    expect(kernel.lines).toEqual([open('/work'), open('/work'), 'fchdir(3)']);
  });

  it('fails where both are refused, and at once where the user is root', () => {
    const message = 'process.cwd: change to /work: fchdir: permission denied';
    for (const [uid, tries] of [
      [5, 2],
      [0, 1],
    ] as const) {
      const kernel = new FakeKernel();
      kernel.fail('fchdir', 'EACCES');
      expect(() => run(kernel, '/work', uid)).toThrow(message);
      expect(kernel.lines.filter((line) => line.startsWith('fchdir'))).toHaveLength(tries);
    }
  });

  it('does not take a missing one for a refused one', () => {
    const kernel = new FakeKernel();
    kernel.fail('openat2', 'ENOENT');
    expect(() => run(kernel, '/work', 5)).toThrow(
      'process.cwd: change to /work: openat2: no such file or directory',
    );
    expect(kernel.lines).toHaveLength(1);
  });
});

describe('cwdStages, live', () => {
  let directory = '';
  const kernel = new LiveKernel();
  const before = process.cwd();

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'cwd-'));
    mkdirSync(join(directory, 'work'));
    mkdirSync(join(directory, 'etc'));
    symlinkSync('/work', join(directory, 'link'));
    symlinkSync('../../../../../../etc', join(directory, 'out'));
    symlinkSync('/proc/self/cwd', join(directory, 'magic'));
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  /** Where the thread is afterwards; it goes back. */
  function change(cwd: string, root: Provision<Fd> | undefined): string {
    const { privileged } = cwdStages(configWith({ ...bare, cwd }), root);
    try {
      for (const stage of privileged) stage.run(kernel);
      return readlinkSync('/proc/thread-self/cwd');
    } finally {
      kernel.chdir(before);
    }
  }

  function rooted(): Provision<Fd> {
    const root = new Provision<Fd>('root');
    root.provide(kernel.openat(kernel.cwd, directory, O_PATH | O_DIRECTORY | O_CLOEXEC));
    return root;
  }

  it('stays within the root', () => {
    expect(change('/work', rooted())).toBe(join(directory, 'work'));
    expect(change('/link', rooted())).toBe(join(directory, 'work'));
    expect(change('/../../work', rooted())).toBe(join(directory, 'work'));
    expect(change('/out', rooted())).toBe(join(directory, 'etc'));
    expect(change('/', rooted())).toBe(directory);
  });

  it('never follows a descriptor', () => {
    const fd = kernel.openat(kernel.cwd, directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
    const message = 'openat2: too many levels of symbolic links';
    expect(() => change(`/proc/self/fd/${fd}`, undefined)).toThrow(message);
    expect(() => change(`/proc/self/fd/${fd}/work`, undefined)).toThrow(message);
    expect(() => change(join(directory, 'magic'), undefined)).toThrow(message);
    kernel.close(fd);
  });

  it('makes none', () => {
    expect(() => change('/new', rooted())).toThrow('no such file or directory');
  });
});
