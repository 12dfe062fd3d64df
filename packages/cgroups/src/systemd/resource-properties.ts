import type { Setting } from '../setting.ts';
import { cpuSet } from './cpu-set.ts';
import { bytes, type DBusValue, u64 } from './dbus/values.ts';
import type { Property } from './property.ts';

/** CGROUP_LIMIT_MAX and USEC_INFINITY of systemd. */
const INFINITY = 2n ** 64n - 1n;

/** CPU time is given as microseconds per second; systemd counts in hundredths of a second. */
const SECOND = 1_000_000n;
const HUNDREDTH = SECOND / 100n;
/** cpu.max and cpu.cfs_period_us of the kernel, in microseconds. */
const DEFAULT_PERIOD = 100_000n;

type Convert = (value: string) => DBusValue | undefined;

const limit: Convert = (value) => {
  if (value === 'max' || value === '-1') return u64(INFINITY);
  return /^\d+$/.test(value) ? u64(BigInt(value)) : undefined;
};
const list: Convert = (value) => {
  const set = cpuSet(value);
  return set && bytes(set);
};

/** Files of a cgroup and the properties that systemd keeps in them (systemd.resource-control(5)). */
const table: Readonly<Record<string, readonly [property: string, convert: Convert]>> = {
  'memory.max': ['MemoryMax', limit],
  'memory.high': ['MemoryHigh', limit],
  'memory.low': ['MemoryLow', limit],
  'memory.min': ['MemoryMin', limit],
  'memory.swap.max': ['MemorySwapMax', limit],
  'cpu.weight': ['CPUWeight', limit],
  'pids.max': ['TasksMax', limit],
  'cpuset.cpus': ['AllowedCPUs', list],
  'cpuset.mems': ['AllowedMemoryNodes', list],
  // cgroup v1
  'memory.limit_in_bytes': ['MemoryLimit', limit],
  'cpu.shares': ['CPUShares', limit],
  'blkio.weight': ['BlockIOWeight', limit],
};

/**
 * What systemd is told of limits, so that it does not undo them when it next looks at the unit. It
 * has no property for many; all are written to the cgroup as well, as runc does, so what is not
 * here, or not a value that systemd can take, is not lost.
 *
 * Needs systemd 244.
 */
export function resourceProperties(settings: readonly Setting[]): Property[] {
  const values = new Map(settings.map(({ file, value }) => [file, value.trim()]));
  return [
    ...[...values].flatMap(([file, value]): Property[] => {
      const [name, convert] = table[file] ?? [];
      const converted = convert?.(value);
      return name && converted ? [{ name, value: converted }] : [];
    }),
    ...cpuQuota(values),
  ];
}

function cpuQuota(values: ReadonlyMap<string, string>): Property[] {
  const [max, maxPeriod] = values.get('cpu.max')?.split(/\s+/) ?? [];
  const quota = max ?? values.get('cpu.cfs_quota_us');
  const period = maxPeriod ?? values.get('cpu.cfs_period_us');
  const properties: Property[] = [];
  if (period !== undefined)
    properties.push({ name: 'CPUQuotaPeriodUSec', value: u64(BigInt(period)) });
  if (quota !== undefined)
    properties.push({ name: 'CPUQuotaPerSecUSec', value: u64(perSecond(quota, period)) });
  return properties;
}

/** Rounded up: systemd must not allow the cgroup less than we write to it. */
function perSecond(quota: string, period: string | undefined): bigint {
  if (!/^[1-9]\d*$/.test(quota)) return INFINITY;
  const step = HUNDREDTH * (period === undefined ? DEFAULT_PERIOD : BigInt(period));
  return ((BigInt(quota) * SECOND + step - 1n) / step) * HUNDREDTH;
}
