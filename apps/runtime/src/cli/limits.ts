import type { Int64, Resources } from '@oci/spec';

/** The flags of `update`, by commander's names. */
export interface LimitFlags {
  readonly blkioWeight?: number;
  readonly cpuPeriod?: number;
  readonly cpuQuota?: number;
  readonly cpuBurst?: number;
  readonly cpuShare?: number;
  readonly cpuRtPeriod?: number;
  readonly cpuRtRuntime?: number;
  readonly cpuIdle?: number;
  readonly cpusetCpus?: string;
  readonly cpusetMems?: string;
  readonly memory?: Int64;
  readonly memoryReservation?: Int64;
  readonly memorySwap?: Int64;
  readonly pidsLimit?: number;
}

/** `linux.resources` of what the flags name, and of nothing else. */
export function resourcesOf(flags: LimitFlags): Resources {
  const cpu = named({
    shares: flags.cpuShare,
    quota: flags.cpuQuota,
    period: flags.cpuPeriod,
    burst: flags.cpuBurst,
    realtimeRuntime: flags.cpuRtRuntime,
    realtimePeriod: flags.cpuRtPeriod,
    cpus: flags.cpusetCpus,
    mems: flags.cpusetMems,
    idle: flags.cpuIdle,
  });
  const memory = named({
    limit: flags.memory,
    reservation: flags.memoryReservation,
    swap: flags.memorySwap,
  });
  const pids = named({ limit: flags.pidsLimit });
  const blockIO = named({ weight: flags.blkioWeight });
  return named({ cpu, memory, pids, blockIO }) ?? {};
}

type Named<T> = { [Key in keyof T]?: Exclude<T[Key], undefined> };

/** What is defined; `undefined` where nothing is. */
function named<T extends object>(values: T): Named<T> | undefined {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  if (entries.length === 0) return undefined;
  return Object.fromEntries(entries) as Named<T>;
}
