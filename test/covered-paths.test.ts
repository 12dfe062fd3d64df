import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { useBundle } from './support/container.ts';

const container = useBundle();

/** A tree of files to cover, in a rootfs that can be written. */
function makeFiles(): void {
  const { bundle } = container;
  mkdirSync(join(bundle.rootfs, 'srv/deep'), { recursive: true });
  for (const file of ['srv/file', 'srv/deep/file'])
    writeFileSync(join(bundle.rootfs, file), 'from the image');
  bundle.with(({ root }) => {
    root.readonly = false;
  });
}

describe('linux.maskedPaths', () => {
  it.each([
    ['/srv/file', 'cat /srv/file; stat -c %t:%T /srv/file', '1:3'],
    [
      '/srv/deep',
      'ls -a /srv/deep; touch /srv/deep/x 2>/dev/null || echo read-only',
      '.\n..\nread-only',
    ],
    ['/srv', 'ls /srv; stat -f -c %T /srv', 'tmpfs'],
    ['/srv/none', 'ls /srv', 'deep\nfile'],
    ['/none/at/all', 'ls /srv', 'deep\nfile'],
  ])('%s', async (path, script, seen) => {
    makeFiles();
    container.bundle.with(({ linux }) => {
      linux.maskedPaths = [path];
    });
    expect(await container.prints(script)).toBe(seen);
  });

  it('are only those that the config names', async () => {
    container.bundle.with(({ linux }) => {
      delete linux.maskedPaths;
    });
    expect(await container.prints('cat /proc/timer_list | busybox head -c 5 | wc -c')).toBe('5');
  });
});

describe('linux.readonlyPaths', () => {
  const readOnly = (file: string) =>
    `cat ${file}; echo x 2>/dev/null > ${file} || echo ', read-only'`;

  it.each([
    ['/srv/file', '/srv/file', ', read-only'],
    ['/srv', '/srv/deep/file', ', read-only'],
    ['/srv/deep', '/srv/file', ''],
    ['/srv/none', '/srv/file', ''],
  ])('%s, seen by %s', async (path, file, seen) => {
    makeFiles();
    container.bundle.with(({ linux }) => {
      linux.readonlyPaths = [path];
    });
    expect(await container.prints(readOnly(file))).toBe(`from the image${seen}`);
  });

  it('hold for mounts beneath them', async () => {
    container.bundle.with(({ linux, mounts }) => {
      mounts.push({ destination: '/tmp/mount', type: 'tmpfs', source: 'tmpfs' });
      linux.readonlyPaths = ['/tmp'];
    });
    expect(await container.prints('touch /tmp/mount/x 2>&1 || :')).toMatch(/Read-only file system/);
  });

  it('keep the other flags of their mount', async () => {
    container.bundle.with(({ linux }) => {
      linux.readonlyPaths = ['/dev/shm'];
    });
    const line = await container.prints(
      'busybox grep " /dev/shm " /proc/mounts | busybox tail -n 1',
    );
    expect(line.split(' ')[3]?.split(',').slice(0, 4)).toEqual(['ro', 'nosuid', 'nodev', 'noexec']);
  });
});
