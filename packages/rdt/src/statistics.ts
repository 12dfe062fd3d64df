import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { failedWith } from '@oci/kernel';

/** `intel_rdt` of what `runc events --stats` prints. What resctrl does not have is left out. */
export interface RdtStatistics {
  readonly l3_cache_info?: CacheInfo;
  readonly l3_cache_schema_root?: string;
  readonly l3_cache_schema?: string;
  readonly mem_bw_info?: BandwidthInfo;
  readonly mem_bw_schema_root?: string;
  readonly mem_bw_schema?: string;
  /** Memory bandwidth by domain, in the order of their numbers. */
  readonly mbm_stats?: readonly BandwidthUse[];
  /** Cache occupancy by domain, in the order of their numbers. */
  readonly cmt_stats?: readonly CacheUse[];
}

export interface CacheInfo {
  /** All ways of the cache, as a bitmask in hexadecimal. */
  readonly cbm_mask?: string;
  /** The fewest ways that a mask may have. */
  readonly min_cbm_bits?: number;
  /** How many classes there may be. */
  readonly num_closids?: number;
}

export interface BandwidthInfo {
  /** Bandwidths are rounded to multiples of this. */
  readonly bandwidth_gran?: number;
  /** 1 where delay is linear in what is asked for, else 0. */
  readonly delay_linear?: number;
  readonly min_bandwidth?: number;
  readonly num_closids?: number;
}

const bandwidthInfo = ['bandwidth_gran', 'delay_linear', 'min_bandwidth', 'num_closids'] as const;

/** Bytes since the group was made. A counter that has no value for now is left out. */
export interface BandwidthUse {
  readonly mbm_total_bytes?: number;
  readonly mbm_local_bytes?: number;
}

/** Bytes. A counter that has no value for now is left out. */
export interface CacheUse {
  readonly llc_occupancy?: number;
}

export interface StatisticsSource {
  /** Where resctrl is mounted. */
  readonly root: string;
  /** The directory of a class. */
  readonly group: string;
  /** The directory of a monitoring group in it; without one, all of the class is measured. */
  readonly monitor?: string | undefined;
}

/**
 * Reads what a class may use and what a group of it does use (resctrl.rst, "info directory" and
 * "mon_data").
 *
 * @throws Error where the group is gone
 */
export function readRdtStatistics({ root, group, monitor }: StatisticsSource): RdtStatistics {
  const own = schemataOf(group);
  const all = schemataOf(root);
  const cbm_mask = readText(join(root, 'info/L3'), 'cbm_mask');
  return {
    ...(own.L3 !== undefined && {
      l3_cache_info: {
        ...(cbm_mask !== undefined && { cbm_mask }),
        ...readNumbers(join(root, 'info/L3'), ['min_cbm_bits', 'num_closids']),
      },
      ...(all.L3 !== undefined && { l3_cache_schema_root: all.L3 }),
      l3_cache_schema: own.L3,
    }),
    ...(own.MB !== undefined && {
      mem_bw_info: readNumbers(join(root, 'info/MB'), bandwidthInfo),
      ...(all.MB !== undefined && { mem_bw_schema_root: all.MB }),
      mem_bw_schema: own.MB,
    }),
    ...readCounters(monitor ?? group),
  };
}

/** The lines of a `schemata` file by their resource. */
function schemataOf(group: string): Record<string, string> {
  const lines = readFileSync(join(group, 'schemata'), 'latin1').split('\n');
  return Object.fromEntries(lines.map((line) => [line.split(':')[0]?.trim() ?? '', line.trim()]));
}

/** Only the counters that some domain has: resctrl makes files for what the hardware can count. */
function readCounters(group: string): Pick<RdtStatistics, 'mbm_stats' | 'cmt_stats'> {
  const directory = join(group, 'mon_data');
  const domains = list(directory)
    .filter((name) => /^mon_L3_\d+$/.test(name))
    .sort((a, b) => Number(a.slice('mon_L3_'.length)) - Number(b.slice('mon_L3_'.length)))
    .map((name) => join(directory, name));
  const files = new Set(domains.flatMap(list));
  const bandwidth = ['mbm_total_bytes', 'mbm_local_bytes'] as const;
  return {
    ...(bandwidth.some((name) => files.has(name)) && {
      mbm_stats: domains.map((domain) => readNumbers(domain, bandwidth)),
    }),
    ...(files.has('llc_occupancy') && {
      cmt_stats: domains.map((domain) => readNumbers(domain, ['llc_occupancy'])),
    }),
  };
}

/** Files with a number in them; `Unavailable` and `Error` are none. */
function readNumbers<Name extends string>(
  directory: string,
  names: readonly Name[],
): { readonly [Key in Name]?: number } {
  const numbers: { [Key in Name]?: number } = {};
  for (const name of names) {
    const text = readText(directory, name);
    if (text !== undefined && /^\d+$/.test(text)) numbers[name] = Number(text);
  }
  return numbers;
}

/** `undefined` where there is no such file: the hardware has no such thing. */
function readText(directory: string, name: string): string | undefined {
  try {
    return readFileSync(join(directory, name), 'latin1').trim();
  } catch (error) {
    if (failedWith(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function list(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (failedWith(error, 'ENOENT')) return [];
    throw error;
  }
}
