import { CGROUP_SUPER_MAGIC, CGROUP2_SUPER_MAGIC, TMPFS_MAGIC } from '@oci/kernel';
import { describe, expect, it } from 'vitest';
import { detectLayout, hierarchyOf, parseProcCgroup } from '../src/index.ts';

interface FakeHost {
  readonly files?: Readonly<Record<string, string>>;
  readonly systems?: Readonly<Record<string, number>>;
}

/** A host with these files and mounts; what is looked at is noted. */
function host({ files = {}, systems = {} }: FakeHost) {
  const looked: string[] = [];
  const sources = {
    read: (path: string) => {
      looked.push(`read ${path}`);
      return files[path];
    },
    fileSystem: (path: string) => {
      looked.push(`statfs ${path}`);
      return systems[path];
    },
  };
  return { sources, looked };
}

const root = '/sys/fs/cgroup';
const delegate = '/sys/kernel/cgroup/delegate';

describe('detectLayout', () => {
  it('needs one statfs and two short files where version 2 is all there is', () => {
    const { sources, looked } = host({
      systems: { [root]: CGROUP2_SUPER_MAGIC },
      files: {
        [`${root}/cgroup.controllers`]: 'cpu io memory\n',
        [delegate]: 'cgroup.procs\ncgroup.threads\n',
      },
    });
    expect(detectLayout({ sources })).toEqual({
      kind: 'unified',
      hierarchies: [],
      unified: { version: 2, controllers: ['cpu', 'io', 'memory'], mountpoint: root },
      delegated: ['cgroup.procs', 'cgroup.threads'],
    });
    expect(looked).toEqual([
      `statfs ${root}`,
      `read ${root}/cgroup.controllers`,
      `read ${delegate}`,
    ]);
  });

  it('knows what is delegated on a kernel that does not say', () => {
    const { sources } = host({ systems: { [root]: CGROUP2_SUPER_MAGIC } });
    expect(detectLayout({ sources }).delegated).toEqual([
      'cgroup.procs',
      'cgroup.subtree_control',
      'cgroup.threads',
    ]);
  });

  it('has the own cgroup of a caller without privileges only', () => {
    const { sources } = host({
      systems: { [root]: CGROUP2_SUPER_MAGIC },
      files: { '/proc/self/cgroup': '0::/user.slice/session-1.scope\n' },
    });
    expect(detectLayout({ sources, rootless: true }).own).toBe('/user.slice/session-1.scope');
    expect(detectLayout({ sources })).not.toHaveProperty('own');
  });

  const legacySystems = {
    [root]: TMPFS_MAGIC,
    [`${root}/memory`]: CGROUP_SUPER_MAGIC,
    [`${root}/cpu,cpuacct`]: CGROUP_SUPER_MAGIC,
    [`${root}/systemd`]: CGROUP_SUPER_MAGIC,
  };
  const membership = '4:cpu,cpuacct:/\n3:memory:/a:b\n1:name=systemd:/\n0::/\n';

  it('finds the hierarchies of version 1 without reading mountinfo', () => {
    const { sources, looked } = host({
      systems: legacySystems,
      files: { '/proc/self/cgroup': membership },
    });
    expect(detectLayout({ sources })).toEqual({
      kind: 'legacy',
      hierarchies: [
        { version: 1, controllers: ['cpu', 'cpuacct'], mountpoint: `${root}/cpu,cpuacct` },
        { version: 1, controllers: ['memory'], mountpoint: `${root}/memory` },
        { version: 1, controllers: [], name: 'systemd', mountpoint: `${root}/systemd` },
      ],
    });
    expect(looked.filter((what) => what.startsWith('read'))).toEqual(['read /proc/self/cgroup']);
  });

  it('finds version 2 beside them, and whether somebody tracks processes there', () => {
    const systems = { ...legacySystems, [`${root}/unified`]: CGROUP2_SUPER_MAGIC };
    const files = {
      '/proc/self/cgroup': membership,
      [`${root}/unified/cgroup.controllers`]: '\n',
    };
    const { sources } = host({ systems, files });
    expect(detectLayout({ sources })).toMatchObject({
      kind: 'hybrid',
      unified: { version: 2, controllers: [], mountpoint: `${root}/unified` },
      tracked: false,
    });
    const inService = membership.replace('0::/', '0::/system.slice/a.service');
    const other = host({ systems, files: { ...files, '/proc/self/cgroup': inService } });
    expect(detectLayout({ sources: other.sources }).tracked).toBe(true);
  });

  it('reads mountinfo once for those that are mounted elsewhere, and leaves out the others', () => {
    const { sources, looked } = host({
      systems: { [root]: TMPFS_MAGIC, [`${root}/memory`]: CGROUP_SUPER_MAGIC },
      files: {
        '/proc/self/cgroup': '5:pids:/\n4:cpu,cpuacct:/\n3:memory:/\n2:freezer:/\n',
        '/proc/self/mountinfo': [
          '31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755',
          '32 31 0:29 / /sys/fs/cgroup/cpuacct,cpu rw shared:9 - cgroup cgroup rw,cpu,cpuacct',
          '33 31 0:30 / /mnt/my\\040freezer rw - cgroup none rw,freezer',
          '34 31 0:31 / /mnt/pids rw - tmpfs pids rw,pids',
        ].join('\n'),
      },
    });
    expect(detectLayout({ sources }).hierarchies.map(({ mountpoint }) => mountpoint)).toEqual([
      `${root}/cpuacct,cpu`,
      `${root}/memory`,
      '/mnt/my freezer',
    ]);
    expect(looked.filter((what) => what.includes('mountinfo'))).toHaveLength(1);
  });

  it('finds nothing where no cgroups are mounted', () => {
    const { sources } = host({ files: { '/proc/self/cgroup': '0::/\n' } });
    expect(detectLayout({ sources })).toEqual({ kind: 'legacy', hierarchies: [] });
  });

  it('is the same when it comes back from JSON, as a key must be', () => {
    const layout = detectLayout();
    expect(JSON.parse(JSON.stringify(layout))).toEqual(layout);
  });
});

it('parseProcCgroup reads all kinds of lines, and paths with colons', () => {
  expect(parseProcCgroup('4:cpu,cpuacct:/a:b\n1:name=x:/\n0::/c\n')).toEqual([
    { version: 1, controllers: ['cpu', 'cpuacct'], path: '/a:b' },
    { version: 1, controllers: [], name: 'x', path: '/' },
    { version: 2, controllers: [], path: '/c' },
  ]);
});

it('hierarchyOf finds a controller on either version', () => {
  const memory = { version: 1 as const, controllers: ['memory'], mountpoint: '/m' };
  const io = { version: 2 as const, controllers: ['io'], mountpoint: '/u' };
  const layout = { kind: 'hybrid' as const, hierarchies: [memory], unified: io };
  expect(hierarchyOf(layout, 'memory')).toBe(memory);
  expect(hierarchyOf(layout, 'io')).toBe(io);
  expect(hierarchyOf(layout, 'pids')).toBeUndefined();
});
