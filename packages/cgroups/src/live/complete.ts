import type { CPU, Memory, Resources } from '@oci/spec';
import { isGiven, isUnlimited } from '../numbers.ts';
import type { CgroupFiles } from './files.ts';

/**
 * Some limits are made of two of the config's: memory and swap are one on version 2, and processor
 * time is a quota within a period, also for systemd. Where an update has one of two, the other is
 * what the cgroup has now.
 */
export function complete(
  resources: Resources,
  filesOf: (controller: string) => CgroupFiles | undefined,
): Resources {
  const { memory, cpu } = resources;
  return {
    ...resources,
    ...(memory && { memory: completeMemory(memory, filesOf('memory')) }),
    ...(cpu && { cpu: completeBandwidth(cpu, filesOf('cpu')) }),
  };
}

/** Version 1 limits memory and swap together, as the config does. */
function completeMemory(memory: Memory, files: CgroupFiles | undefined): Memory {
  const { limit, swap } = memory;
  if (!isGiven(swap) || isUnlimited(swap) || isGiven(limit)) return memory;
  const current = files?.number('memory.max');
  return current !== undefined && Number.isFinite(current) ? { ...memory, limit: current } : memory;
}

function completeBandwidth(cpu: CPU, files: CgroupFiles | undefined): CPU {
  if (!files || isGiven(cpu.quota) === isGiven(cpu.period)) return cpu;
  const { quota, period } = bandwidth(files);
  if (isGiven(cpu.quota)) return period === undefined ? cpu : { ...cpu, period };
  return quota === undefined ? cpu : { ...cpu, quota };
}

/** In microseconds; without a quota where there is no limit. */
function bandwidth(files: CgroupFiles): { readonly quota?: number; readonly period?: number } {
  const both = files.text('cpu.max')?.split(' ').map(Number);
  const [quota = Number.NaN, period] = both ?? [
    files.number('cpu.cfs_quota_us'),
    files.number('cpu.cfs_period_us'),
  ];
  return { ...(quota > 0 && { quota }), ...(period !== undefined && { period }) };
}
