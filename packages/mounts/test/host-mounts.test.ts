import { PROC_SUPER_MAGIC, TMPFS_MAGIC } from '@oci/kernel';
import { FakeKernel } from '@oci/kernel/fake';
import type { Mount } from '@oci/spec';
import { describe, expect, it } from 'vitest';
import { mountStages } from '../src/index.ts';
import { namespaces, run, statfs } from './support.ts';

describe('in a user namespace', () => {
  const linux = { namespaces: [...namespaces, { type: 'user' as const }] };
  const refused = (...when: RegExp[]) => {
    const k = new FakeKernel();
    for (const each of when) k.fail('fsopen', 'EPERM', { when: each });
    statfs(k, PROC_SUPER_MAGIC);
    return k;
  };
  const lines = (mount: Mount, k: FakeKernel) =>
    run(mountStages, { mounts: [mount], linux }, k).lines;

  it.each([
    ['sysfs', '/sys'],
    ['mqueue', '/dev/mqueue'],
    ['proc', '/proc'],
  ])('%s is the host’s where a new one is forbidden', (type, path) => {
    const mount = { destination: path, type, options: ['nosuid', 'ro', 'noatime'] };
    const seen = lines(mount, refused(/./));
    expect(seen).toContain(
      `open_tree(AT_FDCWD, "${path}", OPEN_TREE_CLONE|AT_RECURSIVE|OPEN_TREE_CLOEXEC)`,
    );
    expect(seen.join()).toContain('{attr_set=MOUNT_ATTR_RDONLY|MOUNT_ATTR_NOSUID}');
    expect(lines(mount, refused()).join()).not.toContain('open_tree');
  });

  it('only a procfs is taken for one', () => {
    const k = new FakeKernel();
    k.fail('fsopen', 'EPERM');
    statfs(k, TMPFS_MAGIC);
    expect(() => lines({ destination: '/proc', type: 'proc' }, k)).toThrow(
      'mounts[0]: mount proc at /proc: only a procfs may be mounted on /proc',
    );
  });

  it('cgroups of the host’s /sys are covered', () => {
    const k = refused(/sysfs/);
    k.fail('openat2', 'EXDEV', { when: /NO_XDEV/ });
    const seen = lines({ destination: '/sys', type: 'sysfs' }, k);
    const covering = seen.slice(seen.findIndex((line) => line.includes('RESOLVE_NO_XDEV')));
    expect(covering.filter((line) => /^(fsopen|move_mount)/.test(line))).toEqual([
      'fsopen("tmpfs", FSOPEN_CLOEXEC)',
      expect.stringMatching(/^move_mount\(/),
    ]);
    expect(k.open).toEqual([]);
  });

  it('any other failure is one, and so is that without a user namespace', () => {
    const tmpfs = { destination: '/a', type: 'tmpfs' };
    expect(() => lines(tmpfs, refused(/./))).toThrow('operation not permitted');
    const sysfs = { destination: '/sys', type: 'sysfs' };
    expect(() => run(mountStages, { mounts: [sysfs] }, refused(/./))).toThrow(
      'operation not permitted',
    );
  });
});
