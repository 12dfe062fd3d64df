import type {
  BlockIOEntry,
  CgroupStats,
  CpuStats,
  CpusetStats,
  HugetlbStats,
  MemoryStats,
  MemoryUse,
} from './stats.ts';

/** What has no limit, as runc writes it: 2^64 - 1 on version 2, and on version 1 what the kernel says. */
const UNLIMITED = { 1: 9_223_372_036_854_771_712n, 2: 18_446_744_073_709_551_615n } as const;

type Json =
  | number
  | bigint
  | string
  | null
  | Raw
  | readonly Json[]
  | { readonly [key: string]: Json };

/**
 * The text of the event that `runc events --stats` prints for a container, on one line, with runc's
 * names in runc's order: what engines read. Numbers beyond 2^53 are written in full.
 * @param intelRdt the statistics of `@oci/rdt`, where the container has any
 */
export function runcStatsEvent(id: string, stats: CgroupStats, intelRdt: object = {}): string {
  const data = { ...runcStats(stats), intel_rdt: new Raw(intelRdt), network_interfaces: null };
  return stringify({ type: 'stats', id, data });
}

/** A part of the text that is somebody else's, and plain JSON. */
class Raw {
  readonly text: string;
  constructor(value: object) {
    this.text = JSON.stringify(value);
  }
}

/** The text of the event that runc prints when a process was killed for want of memory. */
export function runcOomEvent(id: string): string {
  return stringify({ type: 'oom', id });
}

function runcStats(stats: CgroupStats): { readonly [key: string]: Json } {
  const { pids, blockIO, version } = stats;
  return {
    cpu: cpuJson(stats.cpu),
    cpuset: cpusetJson(stats.cpuset),
    memory: memoryJson(stats.memory, version),
    pids: some({
      current: pids?.current,
      limit: pids && Number.isFinite(pids.limit) ? pids.limit : undefined,
    }),
    blkio: some({
      ioServiceBytesRecursive: blockIOJson(blockIO?.bytes),
      ioServicedRecursive: blockIOJson(blockIO?.operations),
      psi: pressureJson(blockIO?.pressure),
    }),
    hugetlb: Object.fromEntries(
      Object.entries(stats.hugetlb).map(([size, use]) => [size, hugetlbJson(use)]),
    ),
  };
}

function cpuJson(cpu: CpuStats | undefined): Json {
  const { perCpu, throttling } = cpu ?? {};
  return {
    usage: {
      ...some({
        total: cpu?.usage,
        percpu: list(perCpu?.usage),
        percpu_kernel: list(perCpu?.system),
        percpu_user: list(perCpu?.user),
      }),
      kernel: cpu?.system ?? 0,
      user: cpu?.user ?? 0,
    },
    throttling: some({
      periods: throttling?.periods,
      throttledPeriods: throttling?.throttledPeriods,
      throttledTime: throttling?.throttledTime,
    }),
    ...some({ psi: pressureJson(cpu?.pressure) }),
  };
}

function cpusetJson(cpuset: CpusetStats | undefined): Json {
  const flag = (name: string) => cpuset?.flags[name] ?? 0;
  return {
    ...some({ cpus: list(cpuset?.cpus) }),
    cpu_exclusive: flag('cpu_exclusive'),
    ...some({ mems: list(cpuset?.mems) }),
    mem_hardwall: flag('mem_hardwall'),
    mem_exclusive: flag('mem_exclusive'),
    memory_migrate: flag('memory_migrate'),
    memory_spread_page: flag('memory_spread_page'),
    memory_spread_slab: flag('memory_spread_slab'),
    memory_pressure: flag('memory_pressure'),
    sched_load_balance: flag('sched_load_balance'),
    sched_relax_domain_level: flag('sched_relax_domain_level'),
  };
}

function memoryJson(memory: MemoryStats | undefined, version: 1 | 2): Json {
  return {
    ...some({ cache: memory?.cache }),
    usage: memoryUseJson(memory, version),
    swap: memoryUseJson(memory?.withSwap, version),
    kernel: memoryUseJson(memory?.kernel, version),
    kernelTCP: memoryUseJson(memory?.kernelTCP, version),
    ...some({ raw: memory?.details, psi: pressureJson(memory?.pressure) }),
  };
}

function memoryUseJson(use: MemoryUse | undefined, version: 1 | 2): Json {
  const { limit = 0 } = use ?? {};
  return {
    limit: Number.isFinite(limit) ? limit : UNLIMITED[version],
    ...some({ usage: use?.usage, max: use?.peak }),
    failcnt: use?.failures ?? 0,
  };
}

function blockIOJson(entries: readonly BlockIOEntry[] = []): Json | undefined {
  return list(
    entries.map(({ major, minor, operation, value }) =>
      some({ major, minor, op: operation, value }),
    ),
  );
}

function hugetlbJson({ usage, peak, failures }: HugetlbStats): Json {
  return { ...some({ usage, max: peak }), failcnt: failures };
}

function pressureJson(pressure: CpuStats['pressure']): Json | undefined {
  return pressure && { some: { ...pressure.some }, full: { ...pressure.full } };
}

function list(values: readonly Json[] | undefined): Json | undefined {
  return values && values.length > 0 ? values : undefined;
}

/** Without what is absent or zero: Go's `omitempty`. */
function some(members: Readonly<Record<string, Json | undefined>>): Record<string, Json> {
  const present: Record<string, Json> = {};
  for (const [key, value] of Object.entries(members))
    if (value !== undefined && value !== 0) present[key] = value;
  return present;
}

/** JSON with bigints in it as plain numbers. */
function stringify(value: Json): string {
  if (typeof value === 'bigint') return String(value);
  // JSON.stringify would round beyond 2^53 to the shortest digits.
  if (Number.isInteger(value)) return String(BigInt(Number(value)));
  if (value instanceof Raw) return value.text;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (isList(value)) return `[${value.map(stringify).join(',')}]`;
  const members = Object.entries(value);
  return `{${members.map(([key, item]) => `${JSON.stringify(key)}:${stringify(item)}`).join(',')}}`;
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
