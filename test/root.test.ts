import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { useBundle } from './support/container.ts';

const container = useBundle();

describe('root.path', () => {
  it.each([
    ['relative to the bundle', () => 'rootfs'],
    ['that goes up and down', () => './rootfs/../rootfs/'],
    ['absolute', () => container.bundle.rootfs],
    [
      'through a symbolic link',
      () => {
        symlinkSync('rootfs', join(container.bundle.path, 'link'));
        return 'link';
      },
    ],
  ])('is a directory, %s', async (_what, path) => {
    container.bundle.with(({ root }) => {
      root.path = path();
    });
    mkdirSync(join(container.bundle.rootfs, 'here'));
    expect(await container.prints('echo /h*; cd ..; pwd')).toBe('/here\n/');
  });
});

describe('root.readonly', () => {
  const script = 'touch /etc/x 2>/dev/null && echo written; touch /dev/shm/x && echo mounts not';

  it.each([
    [true, 'mounts not', false],
    [false, 'written\nmounts not', true],
    [undefined, 'written\nmounts not', true],
  ])('%s', async (readonly, seen, written) => {
    container.bundle.with(({ root }) => {
      root.readonly = readonly;
    });
    expect(await container.prints(script)).toBe(seen);
    expect(existsSync(join(container.bundle.rootfs, 'etc/x'))).toBe(written);
  });
});

/**
 * What a container sees of its root, and of a mount of the host's beneath it that is shared there:
 * the optional fields of proc_pid_mountinfo(5), without their numbers.
 */
async function propagation(): Promise<Record<string, string>> {
  const seen = await container.prints('cat /proc/self/mountinfo');
  const mounts = seen.split('\n').map((line) => line.split(' '));
  return Object.fromEntries(
    mounts
      .filter(([, , , , target]) => target === '/' || target === '/tmp')
      .map(([, , , , target, , ...rest]) => [
        target,
        rest.slice(0, rest.indexOf('-')).join(' ').replace(/:\d+/g, ''),
      ]),
  );
}

/** Mounts a shared tmpfs on the host while `what` runs. */
async function withSharedMount<T>(path: string, what: () => Promise<T>): Promise<T> {
  const host = (...command: string[]) => {
    const { status, stderr } = spawnSync(command[0] ?? '', command.slice(1), { encoding: 'utf8' });
    if (status !== 0) throw new Error(`${command.join(' ')}: ${stderr}`);
  };
  host('mount', '-t', 'tmpfs', 'tmpfs', path);
  try {
    host('mount', '--make-shared', path);
    return await what();
  } finally {
    host('umount', path);
  }
}

// The specification names the first four, runc takes all.
describe('linux.rootfsPropagation', () => {
  it.each([
    ['shared', { '/': 'shared', '/tmp': 'shared' }],
    ['slave', { '/': '', '/tmp': 'shared' }],
    ['private', { '/': '', '/tmp': 'shared' }],
    ['unbindable', { '/': 'unbindable', '/tmp': 'shared' }],
    ['rshared', { '/': 'shared', '/tmp': 'shared' }],
    ['rslave', { '/': '', '/tmp': 'master' }],
    ['rprivate', { '/': '', '/tmp': '' }],
    ['runbindable', { '/': 'unbindable', '/tmp': 'unbindable' }],
    [undefined, { '/': '', '/tmp': 'master' }],
  ])('%s', async (value, seen) => {
    container.bundle.with(({ linux }) => {
      linux.rootfsPropagation = value;
      // Bind mounts, which would need other ones.
      delete linux.maskedPaths;
      delete linux.readonlyPaths;
    });
    const tmp = join(container.bundle.rootfs, 'tmp');
    expect(await withSharedMount(tmp, propagation)).toEqual(seen);
  });
});
