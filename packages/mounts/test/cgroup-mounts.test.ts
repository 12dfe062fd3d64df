import { S_IFDIR, TMPFS_MAGIC, text } from '@oci/kernel';
import { FakeKernel } from '@oci/kernel/fake';
import { describe, expect, it } from 'vitest';
import { type ContainerCgroups, MountsProvisions, mountStages } from '../src/index.ts';
import { namespaces, run, statfs, statx } from './support.ts';

const v1 = (name: string, ...controllers: string[]) => ({
  version: 1 as const,
  controllers,
  mountpoint: `/sys/fs/cgroup/${name}`,
});
const unified = { version: 2 as const, controllers: ['pids'], mountpoint: '/sys/fs/cgroup' };
const onV2: ContainerCgroups = {
  layout: { kind: 'unified', hierarchies: [], unified },
  path: text`/box`,
};
const hybrid: ContainerCgroups = {
  layout: {
    kind: 'hybrid',
    hierarchies: [v1('cpu,cpuacct', 'cpu', 'cpuacct'), { ...v1('systemd'), name: 'systemd' }],
    unified: { ...unified, mountpoint: '/sys/fs/cgroup/unified' },
  },
  path: '/box',
};
const own = [...namespaces, { type: 'cgroup' as const }];
const options = ['nosuid', 'noexec', 'nodev', 'relatime', 'ro'];
const entry = { destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options };
const ALL = 'MOUNT_ATTR_RDONLY|MOUNT_ATTR_NOSUID|MOUNT_ATTR_NODEV|MOUNT_ATTR_NOEXEC';

function mount(
  cgroups: ContainerCgroups | undefined,
  list: readonly { type: 'cgroup' | 'mount' | 'user' }[],
  k = new FakeKernel(),
) {
  statfs(k, TMPFS_MAGIC);
  statx(k, S_IFDIR | 0o755);
  const provisions = new MountsProvisions();
  const config = { mounts: [entry], linux: { namespaces: [...list] } };
  run(mountStages, config, k, provisions, { ...(cgroups && { cgroups }), rootless: true });
  expect(k.open).toEqual([]);
  return k.lines.slice(1);
}

describe('a cgroup mount on version 2', () => {
  it('is the hierarchy, in a cgroup namespace', () => {
    expect(mount(onV2, own)).toEqual([
      'fsopen("cgroup2", FSOPEN_CLOEXEC)',
      'fsconfig(4, FSCONFIG_SET_STRING, "source", "cgroup", 0)',
      'fsconfig(4, FSCONFIG_CMD_CREATE, NULL, NULL, 0)',
      `fsmount(4, FSMOUNT_CLOEXEC, ${ALL})`,
      'close(4)',
      'move_mount(5, "", 3, "", MOVE_MOUNT_F_EMPTY_PATH|MOVE_MOUNT_T_EMPTY_PATH)',
      'close(5)',
      'close(3)',
    ]);
  });

  const BIND = [
    'open_tree(AT_FDCWD, "/sys/fs/cgroup/box", OPEN_TREE_CLONE|AT_RECURSIVE|OPEN_TREE_CLOEXEC)',
    `mount_setattr(4, "", AT_EMPTY_PATH|AT_RECURSIVE, {attr_set=${ALL}}, 32)`,
  ];

  it('is a bind of the container’s cgroup without one', () => {
    expect(mount(onV2, namespaces).slice(0, 2)).toEqual(BIND);
  });

  it.each(['EPERM', 'EBUSY'] as const)('is so too where a user namespace may not: %s', (errno) => {
    const k = new FakeKernel();
    k.fail('fsopen', errno);
    expect(mount(onV2, [...own, { type: 'user' }], k).slice(1, 3)).toEqual(BIND);
    expect(() => {
      const k = new FakeKernel();
      k.fail('fsopen', errno);
      mount(onV2, own, k);
    }).toThrow('mounts[0]: mount cgroup at /sys/fs/cgroup: fsopen');
  });
});

describe('a cgroup mount without a cgroup', () => {
  const nothing = { ...onV2, layout: { kind: 'unified' as const, hierarchies: [] } };
  it.each([undefined, nothing])('fails', (cgroups) => {
    expect(() => mount(cgroups, own)).toThrow(
      'mounts[0]: mount cgroup at /sys/fs/cgroup: the container has no cgroup',
    );
  });
});

describe('a cgroup mount on version 1', () => {
  it('is a tmpfs with a directory for each hierarchy, and links', () => {
    const lines = mount(hybrid, own);
    expect(lines.filter((line) => /^(mkdirat|symlinkat|move_mount)/.test(line))).toEqual([
      'move_mount(5, "", 3, "", MOVE_MOUNT_F_EMPTY_PATH|MOVE_MOUNT_T_EMPTY_PATH)',
      'mkdirat(5, "cpu,cpuacct", 0755)',
      'move_mount(7, "", 5, "cpu,cpuacct", MOVE_MOUNT_F_EMPTY_PATH)',
      'symlinkat("cpu,cpuacct", 5, "cpu")',
      'symlinkat("cpu,cpuacct", 5, "cpuacct")',
      'mkdirat(5, "systemd", 0755)',
      'move_mount(9, "", 5, "systemd", MOVE_MOUNT_F_EMPTY_PATH)',
      'mkdirat(5, "unified", 0755)',
      'move_mount(11, "", 5, "unified", MOVE_MOUNT_F_EMPTY_PATH)',
    ]);
    expect(lines.filter((line) => /SET_FLAG|"name"|fsopen/.test(line))).toEqual([
      'fsopen("tmpfs", FSOPEN_CLOEXEC)',
      'fsopen("cgroup", FSOPEN_CLOEXEC)',
      'fsconfig(6, FSCONFIG_SET_FLAG, "cpu", NULL, 0)',
      'fsconfig(6, FSCONFIG_SET_FLAG, "cpuacct", NULL, 0)',
      'fsopen("cgroup", FSOPEN_CLOEXEC)',
      'fsconfig(8, FSCONFIG_SET_STRING, "name", "systemd", 0)',
      'fsopen("cgroup2", FSOPEN_CLOEXEC)',
    ]);
    // Read-only when all is in it.
    expect(lines.slice(-3)).toEqual([
      'mount_setattr(5, "", AT_EMPTY_PATH, {attr_set=MOUNT_ATTR_RDONLY}, 32)',
      'close(5)',
      'close(3)',
    ]);
  });

  it('binds the container’s cgroups without a cgroup namespace', () => {
    const lines = mount(hybrid, namespaces);
    expect(lines.filter((line) => line.startsWith('open_tree'))).toEqual(
      ['cpu,cpuacct', 'systemd', 'unified'].map(
        (name) =>
          `open_tree(AT_FDCWD, "/sys/fs/cgroup/${name}/box", OPEN_TREE_CLONE|AT_RECURSIVE|OPEN_TREE_CLOEXEC)`,
      ),
    );
  });
});
