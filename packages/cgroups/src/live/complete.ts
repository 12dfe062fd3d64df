import type { Resources } from '@oci/spec';
import { isGiven, isUnlimited } from '../numbers.ts';
import type { CgroupFiles } from './files.ts';

/**
 * Some values of version 2 are made of two of the config's. Where an update has one of them, the other
 * is what the cgroup has now.
 */
export function completeForUnified(resources: Resources, files: CgroupFiles): Resources {
  const { memory, cpu } = resources;
  const completed: Resources = { ...resources };
  const limit = files.number('memory.max');
  if (memory && needsLimit(memory) && limit !== undefined && Number.isFinite(limit))
    completed.memory = { ...memory, limit };
  const [quota = 'max'] = files.text('cpu.max')?.split(' ') ?? [];
  if (cpu && isGiven(cpu.period) && !isGiven(cpu.quota) && quota !== 'max')
    completed.cpu = { ...cpu, quota: Number(quota) };
  return completed;
}

function needsLimit({ limit, swap }: NonNullable<Resources['memory']>): boolean {
  return isGiven(swap) && !isUnlimited(swap) && !isGiven(limit);
}
