import type { CgroupFiles } from './files.ts';
import { hugetlbStats } from './hugetlb-stats.ts';
import { pressure } from './pressure.ts';
import type { BlockIOEntry, BlockIOStats, CgroupStats, CpuStats, MemoryStats } from './stats.ts';

const MICROSECOND = 1000;
const NO_LIMIT = Number.POSITIVE_INFINITY;

/** The files of version 2 (admin-guide/cgroup-v2.rst). */
export function unifiedStats(files: CgroupFiles): CgroupStats {
  const cpu = cpuStats(files);
  const memory = memoryStats(files);
  const current = files.number('pids.current');
  const blockIO = blockIOStats(files);
  return {
    version: 2,
    ...(cpu && { cpu }),
    ...(memory && { memory }),
    ...(current !== undefined && {
      pids: { current, limit: files.number('pids.max') ?? NO_LIMIT },
    }),
    ...(blockIO && { blockIO }),
    hugetlb: hugetlbStats(files, 2),
  };
}

function cpuStats(files: CgroupFiles): CpuStats | undefined {
  const { usage_usec, user_usec = 0, system_usec = 0, ...rest } = files.table('cpu.stat');
  if (usage_usec === undefined) return undefined;
  const { nr_periods = 0, nr_throttled = 0, throttled_usec = 0 } = rest;
  return {
    usage: usage_usec * MICROSECOND,
    user: user_usec * MICROSECOND,
    system: system_usec * MICROSECOND,
    throttling: {
      periods: nr_periods,
      throttledPeriods: nr_throttled,
      throttledTime: throttled_usec * MICROSECOND,
    },
    ...pressure(files, 'cpu'),
  };
}

function memoryStats(files: CgroupFiles): MemoryStats | undefined {
  const usage = files.number('memory.current');
  if (usage === undefined) return undefined;
  const limit = files.number('memory.max') ?? NO_LIMIT;
  const swap = files.number('memory.swap.current');
  const details = files.table('memory.stat');
  return {
    usage,
    limit,
    // memory.peak is there since Linux 5.19.
    peak: files.number('memory.peak') ?? 0,
    failures: 0,
    cache: details.file ?? 0,
    ...(swap !== undefined && {
      withSwap: {
        usage: usage + swap,
        limit: limit + (files.number('memory.swap.max') ?? NO_LIMIT),
        // The two peaks need not have been at the same time.
        peak: 0,
        failures: 0,
      },
    }),
    details,
    oomKills: files.table('memory.events').oom_kill ?? 0,
    ...pressure(files, 'memory'),
  };
}

/** `8:0 rbytes=90112 wbytes=0 rios=14 wios=0 dbytes=0 dios=0`. */
const ioKeys = [
  ['rbytes', 'bytes', 'Read'],
  ['wbytes', 'bytes', 'Write'],
  ['dbytes', 'bytes', 'Discard'],
  ['rios', 'operations', 'Read'],
  ['wios', 'operations', 'Write'],
  ['dios', 'operations', 'Discard'],
] as const;

function blockIOStats(files: CgroupFiles): BlockIOStats | undefined {
  if (files.text('io.stat') === undefined) return undefined;
  const counts: Record<'bytes' | 'operations', BlockIOEntry[]> = { bytes: [], operations: [] };
  for (const line of files.lines('io.stat')) {
    const [device = '', ...pairs] = line.split(' ');
    const [major = 0, minor = 0] = device.split(':').map(Number);
    for (const [key, count, operation] of ioKeys) {
      const pair = pairs.find((text) => text.startsWith(`${key}=`));
      if (pair === undefined) continue;
      const value = Number(pair.slice(key.length + 1));
      counts[count].push({ major, minor, operation, value });
    }
  }
  return { ...counts, ...pressure(files, 'io') };
}
