import { afterEach, describe, expect, it } from 'vitest';
import type { Layout } from '../../src/index.ts';
import { Cgroup, runcOomEvent, runcStatsEvent } from '../../src/live/index.ts';
import { Tree } from '../support/tree.ts';

const trees: Tree[] = [];
afterEach(() => {
  for (const tree of trees.splice(0)) tree[Symbol.dispose]();
});

function treeOf(files: Readonly<Record<string, string>>): Tree {
  const tree = new Tree(files);
  trees.push(tree);
  return tree;
}

function unifiedBox(files: Readonly<Record<string, string>>): Cgroup {
  const { root } = treeOf(inDirectory('box', files));
  const controllers = ['cpu', 'memory', 'io', 'pids', 'hugetlb'];
  const unified = { version: 2 as const, controllers, mountpoint: root };
  return Cgroup.at('/box', { layout: { kind: 'unified', hierarchies: [], unified } });
}

function legacyBox(files: Readonly<Record<string, Readonly<Record<string, string>>>>): Cgroup {
  const entries = Object.entries(files).map(([name, own]) => inDirectory(`${name}/box`, own));
  const { root } = treeOf(Object.assign({}, ...entries));
  const hierarchies = Object.keys(files).map((name) => ({
    version: 1 as const,
    controllers: name.split(','),
    mountpoint: `${root}/${name}`,
  }));
  const layout: Layout = { kind: 'legacy', hierarchies };
  return Cgroup.at('/box', { layout });
}

function inDirectory(directory: string, files: Readonly<Record<string, string>>) {
  return Object.fromEntries(
    Object.entries(files).map(([name, text]) => [`${directory}/${name}`, text]),
  );
}

const pressure =
  'some avg10=1.50 avg60=0.25 avg300=0.00 total=77\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=5\n';

const version2 = {
  'cpu.stat':
    'usage_usec 3000\nuser_usec 1000\nsystem_usec 2000\nnr_periods 5\nnr_throttled 2\nthrottled_usec 40\n',
  'cpu.pressure': pressure,
  'memory.current': '4096\n',
  'memory.max': 'max\n',
  'memory.peak': '8192\n',
  'memory.swap.current': '100\n',
  'memory.swap.max': '500\n',
  'memory.stat': 'anon 1024\nfile 2048\n',
  'memory.events': 'low 0\noom 2\noom_kill 1\n',
  'pids.current': '3\n',
  'pids.max': '10\n',
  'io.stat': '8:0 rbytes=90112 wbytes=0 rios=14 wios=2 dbytes=0 dios=0\n253:1 rbytes=5\n',
  'hugetlb.2MB.current': '2097152\n',
  'hugetlb.2MB.max': 'max\n',
  'hugetlb.2MB.events': 'max 4\n',
};

describe('stats of version 2', () => {
  it('are in nanoseconds and bytes', () => {
    expect(unifiedBox(version2).stats()).toMatchObject({
      version: 2,
      cpu: {
        usage: 3_000_000,
        user: 1_000_000,
        system: 2_000_000,
        throttling: { periods: 5, throttledPeriods: 2, throttledTime: 40_000 },
        pressure: { some: { avg10: 1.5, avg60: 0.25, avg300: 0, total: 77 }, full: { total: 5 } },
      },
      memory: {
        usage: 4096,
        limit: Number.POSITIVE_INFINITY,
        peak: 8192,
        cache: 2048,
        withSwap: { usage: 4196, limit: Number.POSITIVE_INFINITY },
        details: { anon: 1024, file: 2048 },
        oomKills: 1,
      },
      pids: { current: 3, limit: 10 },
      blockIO: {
        bytes: [
          { major: 8, minor: 0, operation: 'Read', value: 90_112 },
          { major: 8, minor: 0, operation: 'Write', value: 0 },
          { major: 8, minor: 0, operation: 'Discard', value: 0 },
          { major: 253, minor: 1, operation: 'Read', value: 5 },
        ],
      },
      hugetlb: { '2MB': { usage: 2_097_152, peak: 0, failures: 4 } },
    });
  });

  it('leave out controllers that are not enabled', () => {
    const stats = unifiedBox({ 'cpu.stat': 'usage_usec 1\n' }).stats();
    expect(Object.keys(stats)).toEqual(['version', 'cpu', 'hugetlb']);
    expect(stats.cpu).not.toHaveProperty('pressure');
  });

  it('add limits of memory and of swap up', () => {
    const stats = unifiedBox({ ...version2, 'memory.max': '1000\n' }).stats();
    expect(stats.memory?.withSwap?.limit).toBe(1500);
  });
});

const version1 = {
  'cpu,cpuacct': {
    'cpuacct.usage': '5000000\n',
    'cpuacct.stat': 'user 2\nsystem 1\n',
    'cpuacct.usage_percpu': '4000000 1000000 \n',
    'cpuacct.usage_all': 'cpu user system\n0 3000000 1000000\n1 600000 400000\n',
    'cpu.stat': 'nr_periods 5\nnr_throttled 2\nthrottled_time 12345\n',
  },
  cpuset: { 'cpuset.cpus': '0-2,7\n', 'cpuset.mems': '0\n', 'cpuset.sched_load_balance': '1\n' },
  memory: {
    'memory.usage_in_bytes': '4096\n',
    'memory.limit_in_bytes': '9223372036854771712\n',
    'memory.max_usage_in_bytes': '8192\n',
    'memory.failcnt': '3\n',
    'memory.memsw.usage_in_bytes': '5000\n',
    'memory.memsw.limit_in_bytes': '6000\n',
    'memory.stat': 'cache 1024\nrss 5\nhierarchical_memory_limit 9223372036854771712\n',
    'memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\noom_kill 6\n',
  },
  pids: { 'pids.current': '3\n', 'pids.max': 'max\n' },
  blkio: {
    'blkio.bfq.io_service_bytes_recursive': 'Total 0\n',
    'blkio.throttle.io_service_bytes_recursive': '8:0 Read 4096\n8:0 Total 4096\nTotal 4096\n',
  },
  hugetlb: {
    'hugetlb.2MB.usage_in_bytes': '0\n',
    'hugetlb.2MB.rsvd.usage_in_bytes': '2097152\n',
    'hugetlb.2MB.rsvd.max_usage_in_bytes': '4194304\n',
    'hugetlb.2MB.rsvd.failcnt': '1\n',
  },
};

describe('stats of version 1', () => {
  it('have the same shape', () => {
    expect(legacyBox(version1).stats()).toMatchObject({
      version: 1,
      cpu: {
        usage: 5_000_000,
        user: 20_000_000,
        system: 10_000_000,
        perCpu: {
          usage: [4_000_000, 1_000_000],
          user: [3_000_000, 600_000],
          system: [1_000_000, 400_000],
        },
        throttling: { periods: 5, throttledPeriods: 2, throttledTime: 12_345 },
      },
      cpuset: { cpus: [0, 1, 2, 7], mems: [0], flags: { sched_load_balance: 1 } },
      memory: {
        usage: 4096,
        limit: Number.POSITIVE_INFINITY,
        peak: 8192,
        failures: 3,
        cache: 1024,
        withSwap: { usage: 5000, limit: 6000 },
        oomKills: 6,
      },
      pids: { current: 3, limit: Number.POSITIVE_INFINITY },
      blockIO: {
        bytes: [
          { major: 8, minor: 0, operation: 'Read', value: 4096 },
          { major: 8, minor: 0, operation: 'Total', value: 4096 },
        ],
        operations: [],
      },
      hugetlb: { '2MB': { usage: 2_097_152, peak: 4_194_304, failures: 1 } },
    });
  });
});

describe('events as runc prints them', () => {
  it('are on one line, with numbers in full and without what is zero', () => {
    const text = runcStatsEvent('box', unifiedBox(version2).stats());
    expect(text).toContain('"memory":{"cache":2048,"usage":{"limit":18446744073709551615,');
    expect(text).not.toContain('\n');
    expect(JSON.parse(text)).toMatchObject({
      type: 'stats',
      id: 'box',
      data: {
        cpu: {
          usage: { total: 3_000_000, kernel: 2_000_000, user: 1_000_000 },
          throttling: { periods: 5, throttledPeriods: 2, throttledTime: 40_000 },
          psi: { some: { avg10: 1.5, avg60: 0.25, avg300: 0, total: 77 } },
        },
        memory: {
          usage: { usage: 4096, max: 8192, failcnt: 0 },
          swap: { usage: 4196, failcnt: 0 },
          raw: { anon: 1024, file: 2048 },
        },
        pids: { current: 3, limit: 10 },
        blkio: {
          ioServiceBytesRecursive: [
            { major: 8, op: 'Read', value: 90_112 },
            { major: 8, op: 'Write' },
            { major: 8, op: 'Discard' },
            { major: 253, minor: 1, op: 'Read', value: 5 },
          ],
          ioServicedRecursive: [
            { major: 8, op: 'Read', value: 14 },
            { major: 8, op: 'Write', value: 2 },
            { major: 8, op: 'Discard' },
          ],
        },
        hugetlb: { '2MB': { usage: 2_097_152, failcnt: 4 } },
        intel_rdt: {},
        network_interfaces: null,
      },
    });
  });

  it('write what has no limit as the kernel has it on version 1', () => {
    const text = runcStatsEvent('box', legacyBox(version1).stats());
    expect(text).toContain('"usage":{"limit":9223372036854771712,"usage":4096,');
    expect(text).toContain('"hierarchical_memory_limit":9223372036854771712');
    const { data } = JSON.parse(text);
    expect(data.pids).toEqual({ current: 3 });
    expect(data.cpuset).toMatchObject({ cpus: [0, 1, 2, 7], mems: [0], sched_load_balance: 1 });
    expect(data.cpu.usage.percpu_kernel).toEqual([1_000_000, 400_000]);
  });

  it('tell that memory ran out', () => {
    expect(runcOomEvent('a"b')).toBe('{"type":"oom","id":"a\\"b"}');
  });
});
