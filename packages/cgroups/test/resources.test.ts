import type { Resources } from '@oci/spec';
import { describe, expect, it } from 'vitest';
import { cpuWeight } from '../src/controllers/cpu.ts';
import { resourceSettings } from '../src/index.ts';
import type { Layout } from '../src/layout.ts';
import { legacy, legacyWith, unified } from './support/layouts.ts';

/** One line a setting, as `file value`; alternatives behind a bar. */
function lines(resources: Resources, layout: Layout): string[] {
  const { settings, issues } = resourceSettings(resources, layout);
  expect(issues).toEqual([]);
  return settings.map(({ file, value, otherwise }) => {
    const or =
      otherwise === undefined || otherwise === 'nothing'
        ? (otherwise ?? '')
        : `${otherwise.file} ${otherwise.value}`;
    return or === '' ? `${file} ${value}` : `${file} ${value} | ${or}`;
  });
}

function refused(resources: Resources, layout: Layout): string[] {
  return resourceSettings(resources, layout).issues.map(({ path }) => path);
}

const at = 'linux.resources';
const device = { major: 8, minor: 16 };

describe('memory', () => {
  it('is written to version 1 with its limit before that of memory and swap', () => {
    const memory = {
      limit: 536_870_912,
      reservation: 1000,
      swap: 9_007_199_254_740_993n,
      kernel: -1,
      kernelTCP: 5,
      swappiness: 0,
      disableOOMKiller: true,
      useHierarchy: true,
    };
    expect(lines({ memory }, legacy)).toEqual([
      'memory.use_hierarchy 1',
      'memory.limit_in_bytes 536870912',
      'memory.memsw.limit_in_bytes 9007199254740993',
      'memory.kmem.limit_in_bytes -1',
      'memory.kmem.tcp.limit_in_bytes 5',
      'memory.soft_limit_in_bytes 1000',
      'memory.swappiness 0',
      'memory.oom_control 1',
    ]);
  });

  it('lifts the limit of both together', () => {
    expect(lines({ memory: { limit: -1 } }, legacy)).toEqual([
      'memory.limit_in_bytes -1',
      'memory.memsw.limit_in_bytes -1 | nothing',
    ]);
    expect(lines({ memory: { limit: -1 } }, unified)).toEqual([
      'memory.swap.max max | nothing',
      'memory.max max',
    ]);
  });

  it.each([
    [{ limit: 100, swap: 300 }, ['memory.swap.max 200', 'memory.max 100']],
    [{ limit: 100, swap: 100 }, ['memory.swap.max 0 | nothing', 'memory.max 100']],
    [{ limit: 100, swap: -1 }, ['memory.swap.max max | nothing', 'memory.max 100']],
    [{ limit: 100, reservation: 50 }, ['memory.max 100', 'memory.low 50']],
    [{ limit: 0, swap: 0, reservation: 0 }, []],
    [{ disableOOMKiller: false, useHierarchy: true, kernel: -1 }, []],
  ])('%j is converted to version 2', (memory, expected) => {
    expect(lines({ memory }, unified)).toEqual(expected);
  });

  it('is refused on version 2 where that has nothing for it', () => {
    const memory = {
      kernel: 5,
      kernelTCP: 5,
      swappiness: 60,
      disableOOMKiller: true,
      useHierarchy: false,
    };
    expect(refused({ memory }, unified)).toEqual(
      ['kernel', 'kernelTCP', 'swappiness', 'disableOOMKiller', 'useHierarchy'].map(
        (key) => `${at}.memory.${key}`,
      ),
    );
    expect(refused({ memory: { swap: 100 } }, unified)).toEqual([`${at}.memory.swap`]);
    expect(refused({ memory: { limit: 100, swap: 99 } }, unified)).toEqual([`${at}.memory.swap`]);
  });
});

describe('cpu', () => {
  const cpu = { shares: 1024, quota: 50_000, period: 100_000, burst: 1000, cpus: '0-1', mems: '0' };

  it('is written to version 1', () => {
    const realtime = { realtimeRuntime: 950_000, realtimePeriod: 1_000_000, idle: 1 };
    expect(lines({ cpu: { ...cpu, ...realtime } }, legacy)).toEqual([
      'cpu.shares 1024',
      'cpu.cfs_period_us 100000',
      'cpu.cfs_quota_us 50000',
      'cpu.cfs_burst_us 1000',
      'cpu.rt_period_us 1000000',
      'cpu.rt_runtime_us 950000',
      'cpu.idle 1',
      'cpuset.cpus 0-1',
      'cpuset.mems 0',
    ]);
  });

  it('is converted to version 2', () => {
    expect(lines({ cpu }, unified)).toEqual([
      'cpu.weight 100',
      'cpu.max 50000 100000',
      'cpu.max.burst 1000',
      'cpuset.cpus 0-1',
      'cpuset.mems 0',
    ]);
    expect(lines({ cpu: { quota: -1 } }, unified)).toEqual(['cpu.max max']);
    expect(lines({ cpu: { quota: 500 } }, unified)).toEqual(['cpu.max 500']);
    expect(lines({ cpu: { period: 500 } }, unified)).toEqual(['cpu.max max 500']);
  });

  it('stops to be idle before it has shares, and starts after', () => {
    expect(lines({ cpu: { shares: 2, idle: 1 } }, unified)).toEqual(['cpu.weight 1', 'cpu.idle 1']);
    expect(lines({ cpu: { shares: 2, idle: 0 } }, legacy)).toEqual([
      'cpu.idle 0 | nothing',
      'cpu.shares 2',
    ]);
  });

  it('is unset by zero, but for a burst, which older kernels have none of', () => {
    const zero = {
      shares: 0,
      quota: 0,
      period: 0,
      realtimeRuntime: 0,
      realtimePeriod: 0,
      cpus: '',
    };
    expect(lines({ cpu: zero }, legacy)).toEqual([]);
    expect(lines({ cpu: zero }, unified)).toEqual([]);
    expect(lines({ cpu: { burst: 0 } }, legacy)).toEqual(['cpu.cfs_burst_us 0 | nothing']);
  });

  it('has no realtime limits on version 2', () => {
    expect(refused({ cpu: { realtimePeriod: 1, realtimeRuntime: 1 } }, unified)).toEqual([
      `${at}.cpu.realtimeRuntime`,
      `${at}.cpu.realtimePeriod`,
    ]);
  });

  // Least, default and most of both ranges; 2000 as runc's issue 4896 has it.
  it.each([
    [0n, 1],
    [2n, 1],
    [102n, 17],
    [1024n, 100],
    [2000n, 170],
    [262_144n, 10_000],
    [1n << 40n, 10_000],
  ])('%d shares weigh %d', (shares, weight) => {
    expect(cpuWeight(shares)).toBe(weight);
  });

  it('weighs more with more shares', () => {
    const weights = Array.from({ length: 1000 }, (_, index) => cpuWeight(BigInt(2 + index * 262)));
    expect(weights).toEqual(weights.toSorted((a, b) => a - b));
  });
});

describe('pids', () => {
  it.each([
    [5, 'pids.max 5'],
    [0, 'pids.max 0'],
    [-1, 'pids.max max'],
  ])('%d is a limit on both versions', (limit, line) => {
    expect(lines({ pids: { limit } }, legacy)).toEqual([line]);
    expect(lines({ pids: { limit } }, unified)).toEqual([line]);
  });

  it('may be left out', () => {
    expect(lines({ pids: {} }, legacy)).toEqual([]);
  });
});

describe('blockIO', () => {
  const blockIO = {
    weight: 1000,
    weightDevice: [{ ...device, weight: 10 }],
    throttleReadBpsDevice: [{ ...device, rate: 600 }],
    throttleWriteBpsDevice: [{ ...device, rate: 18_446_744_073_709_551_615n }],
    throttleReadIOPSDevice: [{ ...device, rate: 1 }],
    throttleWriteIOPSDevice: [{ ...device, rate: 2 }],
  };

  it('is written to version 1, by the names of CFQ or BFQ', () => {
    const leaves = {
      leafWeight: 20,
      weightDevice: [{ ...device, weight: 10, leafWeight: 30 }],
    };
    expect(lines({ blockIO: { ...blockIO, ...leaves } }, legacy)).toEqual([
      'blkio.weight 1000 | blkio.bfq.weight 1000',
      'blkio.leaf_weight 20',
      'blkio.weight_device 8:16 10 | blkio.bfq.weight_device 8:16 10',
      'blkio.leaf_weight_device 8:16 30',
      'blkio.throttle.read_bps_device 8:16 600',
      'blkio.throttle.write_bps_device 8:16 18446744073709551615',
      'blkio.throttle.read_iops_device 8:16 1',
      'blkio.throttle.write_iops_device 8:16 2',
    ]);
  });

  it('is converted to version 2', () => {
    expect(lines({ blockIO }, unified)).toEqual([
      'io.bfq.weight 1000 | io.weight 10000',
      'io.bfq.weight 8:16 10 | io.weight 8:16 1',
      'io.max 8:16 rbps=600',
      'io.max 8:16 wbps=18446744073709551615',
      'io.max 8:16 riops=1',
      'io.max 8:16 wiops=2',
    ]);
  });

  it('has no weights on version 2 that the specification has not, which would be others there', () => {
    const weights = { weight: 5, weightDevice: [{ ...device, weight: 1001 }] };
    expect(refused({ blockIO: weights }, unified)).toEqual([
      `${at}.blockIO.weight`,
      `${at}.blockIO.weightDevice[0].weight`,
    ]);
    expect(refused({ blockIO: weights }, legacy)).toEqual([]);
  });

  it('has no leaves on version 2', () => {
    const leaves = { leafWeight: 5, weightDevice: [{ ...device, leafWeight: 5 }] };
    expect(refused({ blockIO: leaves }, unified)).toEqual([
      `${at}.blockIO.leafWeight`,
      `${at}.blockIO.weightDevice[0].leafWeight`,
    ]);
  });
});

describe('the others', () => {
  it('are huge pages, in use and reserved', () => {
    const hugepageLimits = [{ pageSize: '2MB', limit: 209_715_200 }];
    expect(lines({ hugepageLimits }, legacy)).toEqual([
      'hugetlb.2MB.limit_in_bytes 209715200',
      'hugetlb.2MB.rsvd.limit_in_bytes 209715200 | nothing',
    ]);
    expect(lines({ hugepageLimits }, unified)).toEqual([
      'hugetlb.2MB.max 209715200',
      'hugetlb.2MB.rsvd.max 209715200 | nothing',
    ]);
  });

  const network = { classID: 1_048_577, priorities: [{ name: 'eth0', priority: 500 }] };

  it('are the network, on version 1 alone', () => {
    expect(lines({ network }, legacy)).toEqual([
      'net_cls.classid 1048577',
      'net_prio.ifpriomap eth0 500',
    ]);
    expect(refused({ network }, unified)).toEqual([
      `${at}.network.classID`,
      `${at}.network.priorities[0]`,
    ]);
  });

  it('are RDMA devices', () => {
    const rdma = { mlx5_1: { hcaHandles: 3, hcaObjects: 10_000 }, 'a-b': { hcaObjects: 1 } };
    const expected = ['rdma.max mlx5_1 hca_handle=3 hca_object=10000', 'rdma.max a-b hca_object=1'];
    expect(lines({ rdma }, legacy)).toEqual(expected);
    expect(lines({ rdma }, unified)).toEqual(expected);
    const paths = resourceSettings({ rdma }, unified).settings.map(({ path }) => path);
    expect(paths).toEqual([`${at}.rdma.mlx5_1`, `${at}.rdma["a-b"]`]);
  });
});

describe('unified', () => {
  it('writes any file of version 2, line by line', () => {
    const files = {
      'io.max': '259:0 rbps=2097152 wiops=120\n253:0 rbps=2097152 wiops=120',
      'memory.high': '1073741824',
      'cgroup.max.depth': '2',
    };
    expect(lines({ unified: files }, unified)).toEqual([
      'io.max 259:0 rbps=2097152 wiops=120',
      'io.max 253:0 rbps=2097152 wiops=120',
      'memory.high 1073741824',
      'cgroup.max.depth 2',
    ]);
  });

  it.each(['../cgroup.procs', '..', '.', '', 'a/b'])('refuses %j, no name of a file', (file) => {
    expect(refused({ unified: { [file]: '1' } }, unified)[0]).toBe(
      `${at}.unified[${JSON.stringify(file)}]`,
    );
  });

  it('needs the controller that the file is of', () => {
    expect(refused({ unified: { 'misc.max': 'a 1' } }, unified)).toEqual([
      `${at}.unified["misc.max"]`,
    ]);
  });

  it('is refused on version 1', () => {
    expect(refused({ unified: { 'memory.high': '1' } }, legacy)).toContain(`${at}.unified`);
    expect(refused({ unified: {} }, legacy)).toEqual([]);
  });
});

describe('a controller that is not there', () => {
  it('is missed by those who need it alone, once for each path', () => {
    const layout = legacyWith('memory');
    const { issues } = resourceSettings(
      { memory: { limit: 5 }, pids: { limit: 5 }, hugepageLimits: [{ pageSize: '2MB', limit: 1 }] },
      layout,
    );
    expect(issues).toEqual([
      {
        path: `${at}.pids.limit`,
        message: 'needs the cgroup controller pids, which is not there',
      },
      {
        path: `${at}.hugepageLimits[0].limit`,
        message: 'needs the cgroup controller hugetlb, which is not there',
      },
    ]);
    expect(resourceSettings({ memory: { limit: 5 }, pids: {} }, layout).issues).toEqual([]);
  });

  it('is taken from version 2 beside version 1', () => {
    const beside: Layout = {
      kind: 'hybrid',
      hierarchies: legacyWith('memory').hierarchies,
      unified: { version: 2, controllers: ['pids', 'io'], mountpoint: '/sys/fs/cgroup/unified' },
    };
    const resources = {
      memory: { limit: 5, swappiness: 1 },
      pids: { limit: 5 },
      blockIO: { throttleReadBpsDevice: [{ ...device, rate: 600 }] },
    };
    expect(lines(resources, beside)).toEqual([
      'memory.limit_in_bytes 5',
      'memory.swappiness 1',
      'pids.max 5',
      'io.max 8:16 rbps=600',
    ]);
  });
});
