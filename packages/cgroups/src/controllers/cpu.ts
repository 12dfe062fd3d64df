import { type CPU, toInt64, toUint64 } from '@oci/spec';
import { isGiven, limitOrMax } from '../numbers.ts';
import type { Report } from '../report.ts';
import type { Controller, ControllerSetting } from '../setting.ts';

const at = 'linux.resources.cpu';

/** config-linux.md, "CPU", without the cpuset. */
export const cpu: Controller = {
  v1: { controller: 'cpu', settings: ({ cpu = {} }) => legacy(cpu) },
  v2: { controller: 'cpu', settings: ({ cpu = {} }, report) => unified(cpu, report) },
};

/** scheduler/sched-design-CFS.rst, sched-bwc.rst and sched-rt-group.rst. */
function legacy(cpu: CPU): ControllerSetting[] {
  const { shares, quota, period, realtimeRuntime, realtimePeriod } = cpu;
  const settings: ControllerSetting[] = [];
  const set = (file: string, value: bigint, key: keyof CPU) =>
    settings.push({ file: `cpu.${file}`, value: String(value), path: `${at}.${key}` });
  if (isGiven(shares)) set('shares', toUint64(shares), 'shares');
  if (isGiven(period)) set('cfs_period_us', toUint64(period), 'period');
  if (isGiven(quota)) set('cfs_quota_us', toInt64(quota), 'quota');
  settings.push(...burst(cpu, 'cpu.cfs_burst_us'));
  if (isGiven(realtimePeriod)) set('rt_period_us', toUint64(realtimePeriod), 'realtimePeriod');
  if (isGiven(realtimeRuntime)) set('rt_runtime_us', toInt64(realtimeRuntime), 'realtimeRuntime');
  return withIdle(cpu, settings);
}

/** admin-guide/cgroup-v2.rst, "CPU Interface Files". */
function unified(cpu: CPU, report: Report): ControllerSetting[] {
  for (const key of ['realtimeRuntime', 'realtimePeriod'] as const)
    if (isGiven(cpu[key])) report(`${at}.${key}`, 'cgroup v2 has no realtime limits');
  const { shares, quota, period } = cpu;
  const settings: ControllerSetting[] = [];
  if (isGiven(shares))
    settings.push({
      file: 'cpu.weight',
      value: String(cpuWeight(toUint64(shares))),
      path: `${at}.shares`,
    });
  const limit = isGiven(quota) ? limitOrMax(quota) : 'max';
  // A period that is left out stays as it is, a quota may not be left out.
  if (isGiven(period))
    settings.push({
      file: 'cpu.max',
      value: `${limit} ${toUint64(period)}`,
      path: `${at}.${isGiven(quota) ? 'quota' : 'period'}`,
    });
  else if (isGiven(quota)) settings.push({ file: 'cpu.max', value: limit, path: `${at}.quota` });
  settings.push(...burst(cpu, 'cpu.max.burst'));
  return withIdle(cpu, settings);
}

function burst({ burst }: CPU, file: string): ControllerSetting[] {
  if (burst === undefined) return [];
  const setting = { file, value: String(toUint64(burst)), path: `${at}.burst` };
  // Kernels before 5.14 have no bursts to forbid.
  return [toUint64(burst) === 0n ? { ...setting, otherwise: 'nothing' } : setting];
}

/** An idle cgroup takes no shares or weight: it becomes idle last, and first is no longer. */
function withIdle({ idle }: CPU, settings: ControllerSetting[]): ControllerSetting[] {
  if (idle === undefined) return settings;
  const value = String(toInt64(idle));
  const setting = { file: 'cpu.idle', value, path: `${at}.idle` };
  if (value === '0') return [{ ...setting, otherwise: 'nothing' }, ...settings];
  return [...settings, setting];
}

const LEAST_SHARES = 2n;
const MOST_SHARES = 262_144n;

/**
 * Shares of version 1 (2 to 262144, by default 1024) as a weight of version 2 (1 to 10000, by default
 * 100): a curve through the least, the default and the most of both, which runc 1.3.2 and crun 1.23
 * changed to from a line that made 39 of the default.
 */
export function cpuWeight(shares: bigint): number {
  if (shares <= LEAST_SHARES) return 1;
  if (shares >= MOST_SHARES) return 10_000;
  const exponent = Math.log2(Number(shares));
  return Math.ceil(10 ** ((exponent * exponent + 125 * exponent) / 612 - 7 / 34));
}
