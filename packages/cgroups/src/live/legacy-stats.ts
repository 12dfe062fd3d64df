import type { CgroupFiles } from './files.ts';
import { hugetlbStats } from './hugetlb-stats.ts';
import { parseList } from './list.ts';
import type {
  BlockIOEntry,
  CgroupStats,
  CpuStats,
  CpusetStats,
  MemoryStats,
  MemoryUse,
} from './stats.ts';

/** What finds the directory that a controller's files are in. */
export type FilesOf = (controller: string) => CgroupFiles | undefined;

/** USER_HZ: what /proc and cpuacct.stat count in, on all architectures here (time(7)). */
const TICKS_PER_SECOND = 100;
const NANOSECONDS = 1e9;

/** The kernel's largest number of pages in bytes, less than which is a limit. */
const UNLIMITED = 2 ** 63 - 2 ** 17;

/** The files of version 1 (admin-guide/cgroup-v1/). */
export function legacyStats(filesOf: FilesOf): CgroupStats {
  const cpu = cpuStats(filesOf);
  const cpuset = cpusetStats(filesOf('cpuset'));
  const memory = memoryStats(filesOf('memory'));
  const pids = filesOf('pids');
  const current = pids?.number('pids.current');
  const blkio = filesOf('blkio');
  return {
    version: 1,
    ...(cpu && { cpu }),
    ...(cpuset && { cpuset }),
    ...(memory && { memory }),
    ...(current !== undefined && {
      pids: { current, limit: pids?.number('pids.max') ?? Number.POSITIVE_INFINITY },
    }),
    ...(blkio && {
      blockIO: {
        bytes: blockIO(blkio, 'io_service_bytes'),
        operations: blockIO(blkio, 'io_serviced'),
      },
    }),
    hugetlb: hugetlbStats(filesOf('hugetlb'), 1),
  };
}

function cpuStats(filesOf: FilesOf): CpuStats | undefined {
  const accounts = filesOf('cpuacct');
  const usage = accounts?.number('cpuacct.usage');
  if (!accounts || usage === undefined) return undefined;
  const { user = 0, system = 0 } = accounts.table('cpuacct.stat');
  const {
    nr_periods = 0,
    nr_throttled = 0,
    throttled_time = 0,
  } = filesOf('cpu')?.table('cpu.stat') ?? {};
  // Behind a heading: processor, user, system.
  const all = accounts
    .lines('cpuacct.usage_all')
    .slice(1)
    .map((line) => line.split(' ').map(Number));
  const nanoseconds = (ticks: number) => ticks * (NANOSECONDS / TICKS_PER_SECOND);
  return {
    usage,
    user: nanoseconds(user),
    system: nanoseconds(system),
    perCpu: {
      usage: accounts.numbers('cpuacct.usage_percpu'),
      user: all.map(([, user = 0]) => user),
      system: all.map(([, , system = 0]) => system),
    },
    throttling: {
      periods: nr_periods,
      throttledPeriods: nr_throttled,
      throttledTime: throttled_time,
    },
  };
}

const cpusetFlags = [
  'cpu_exclusive',
  'mem_hardwall',
  'mem_exclusive',
  'memory_migrate',
  'memory_spread_page',
  'memory_spread_slab',
  'memory_pressure',
  'sched_load_balance',
  'sched_relax_domain_level',
] as const;

function cpusetStats(files: CgroupFiles | undefined): CpusetStats | undefined {
  const cpus = files?.text('cpuset.cpus');
  if (!files || cpus === undefined) return undefined;
  return {
    cpus: parseList(cpus),
    mems: parseList(files.text('cpuset.mems') ?? ''),
    flags: Object.fromEntries(
      cpusetFlags.map((name) => [name, files.number(`cpuset.${name}`) ?? 0]),
    ),
  };
}

function memoryStats(files: CgroupFiles | undefined): MemoryStats | undefined {
  const use = files && memoryUse(files, 'memory');
  if (!use) return undefined;
  const withSwap = memoryUse(files, 'memory.memsw');
  const kernel = memoryUse(files, 'memory.kmem');
  const kernelTCP = memoryUse(files, 'memory.kmem.tcp');
  const details = files.table('memory.stat');
  return {
    ...use,
    cache: details.cache ?? 0,
    ...(withSwap && { withSwap }),
    ...(kernel && { kernel }),
    ...(kernelTCP && { kernelTCP }),
    details,
    oomKills: files.table('memory.oom_control').oom_kill ?? 0,
  };
}

function memoryUse(files: CgroupFiles, prefix: string): MemoryUse | undefined {
  const usage = files.number(`${prefix}.usage_in_bytes`);
  if (usage === undefined) return undefined;
  const limit = files.number(`${prefix}.limit_in_bytes`) ?? Number.POSITIVE_INFINITY;
  return {
    usage,
    limit: limit < UNLIMITED ? limit : Number.POSITIVE_INFINITY,
    peak: files.number(`${prefix}.max_usage_in_bytes`) ?? 0,
    failures: files.number(`${prefix}.failcnt`) ?? 0,
  };
}

/** The scheduler that counts at all: CFQ (before Linux 5.0), BFQ, or else the throttling layer. */
function blockIO(files: CgroupFiles, name: string): BlockIOEntry[] {
  const candidates = [
    `blkio.${name}_recursive`,
    `blkio.bfq.${name}_recursive`,
    `blkio.throttle.${name}_recursive`,
    `blkio.throttle.${name}`,
  ];
  for (const file of candidates) {
    const entries = files.lines(file).flatMap(blockIOEntry);
    if (entries.length > 0) return entries;
  }
  return [];
}

/** `8:0 Read 4096`; the sum over all devices, `Total 4096`, is none. */
function blockIOEntry(line: string): BlockIOEntry[] {
  const [, major, minor, operation = '', value] = /^(\d+):(\d+) (\w+) (\d+)$/.exec(line) ?? [];
  if (value === undefined) return [];
  return [{ major: Number(major), minor: Number(minor), operation, value: Number(value) }];
}
