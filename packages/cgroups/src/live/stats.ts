/** What a cgroup has used, the same on both versions. Times are in nanoseconds, sizes in bytes. */
export interface CgroupStats {
  /** The version whose files these figures come from. */
  readonly version: 1 | 2;
  readonly cpu?: CpuStats;
  /** Of version 1. */
  readonly cpuset?: CpusetStats;
  readonly memory?: MemoryStats;
  readonly pids?: PidsStats;
  readonly blockIO?: BlockIOStats;
  /** By page size: `2MB`. */
  readonly hugetlb: Readonly<Record<string, HugetlbStats>>;
}

export interface CpuStats {
  readonly usage: number;
  readonly user: number;
  readonly system: number;
  /** By processor, on version 1. */
  readonly perCpu?: {
    readonly usage: readonly number[];
    readonly user: readonly number[];
    readonly system: readonly number[];
  };
  /** How often the quota was enforced. */
  readonly throttling: {
    readonly periods: number;
    readonly throttledPeriods: number;
    readonly throttledTime: number;
  };
  readonly pressure?: Pressure;
}

export interface CpusetStats {
  readonly cpus: readonly number[];
  readonly mems: readonly number[];
  /** The other files, by name without the controller: `cpu_exclusive`. */
  readonly flags: Readonly<Record<string, number>>;
}

export interface MemoryUse {
  readonly usage: number;
  /** Infinity where there is none. */
  readonly limit: number;
  /** The most that was ever used; 0 where the kernel does not say. */
  readonly peak: number;
  /** How often the limit was hit, on version 1. */
  readonly failures: number;
}

export interface MemoryStats extends MemoryUse {
  /** Page cache. */
  readonly cache: number;
  /** Memory and swap together. */
  readonly withSwap?: MemoryUse;
  /** On version 1. */
  readonly kernel?: MemoryUse;
  readonly kernelTCP?: MemoryUse;
  /** memory.stat, by the kernel's names. */
  readonly details: Readonly<Record<string, number>>;
  /** Processes that were killed for want of memory. */
  readonly oomKills: number;
  readonly pressure?: Pressure;
}

export interface PidsStats {
  readonly current: number;
  /** Infinity where there is none. */
  readonly limit: number;
}

/** A count for a device, of one kind of operation: `Read`, `Write`, `Discard`, … */
export interface BlockIOEntry {
  readonly major: number;
  readonly minor: number;
  readonly operation: string;
  readonly value: number;
}

export interface BlockIOStats {
  readonly bytes: readonly BlockIOEntry[];
  readonly operations: readonly BlockIOEntry[];
  readonly pressure?: Pressure;
}

export interface HugetlbStats {
  readonly usage: number;
  readonly peak: number;
  readonly failures: number;
}

/** Pressure stall information (accounting/psi.rst): percentages, and a sum in microseconds. */
export interface Pressure {
  readonly some: PressureLine;
  readonly full: PressureLine;
}

export interface PressureLine {
  readonly avg10: number;
  readonly avg60: number;
  readonly avg300: number;
  readonly total: number;
}
