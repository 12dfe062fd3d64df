import type { Layout } from '../../src/index.ts';

const v1 = (name: string, controllers: readonly string[] = [name]) => ({
  version: 1 as const,
  controllers,
  mountpoint: `/sys/fs/cgroup/${name}`,
});

/** Version 1 as Debian 10 mounts it, as far as it matters here. */
export const legacy: Layout = {
  kind: 'legacy',
  hierarchies: [
    { ...v1('systemd', []), name: 'systemd' },
    v1('memory'),
    v1('cpu,cpuacct', ['cpu', 'cpuacct']),
    v1('cpuset'),
    v1('devices'),
    v1('freezer'),
    v1('pids'),
    v1('blkio'),
    v1('hugetlb'),
    v1('net_cls,net_prio', ['net_cls', 'net_prio']),
    v1('rdma'),
  ],
};

/** A legacy layout with these hierarchies alone. */
export function legacyWith(...names: readonly string[]): Layout {
  const hierarchies = legacy.hierarchies.filter(({ mountpoint }) =>
    names.includes(mountpoint.slice('/sys/fs/cgroup/'.length)),
  );
  return { kind: 'legacy', hierarchies };
}

export const unified: Layout = {
  kind: 'unified',
  hierarchies: [],
  unified: {
    version: 2,
    controllers: ['cpuset', 'cpu', 'io', 'memory', 'hugetlb', 'pids', 'rdma'],
    mountpoint: '/sys/fs/cgroup',
  },
  delegated: ['cgroup.procs', 'memory.oom.group'],
};
