import { readFileSync } from 'node:fs';
import type { Resources } from '@oci/spec';
import { type LimitFlags, resourcesOf } from '../limits.ts';
import { parseCount, parseLimit, parseSize } from '../numbers.ts';
import type { AddCommand } from './command.ts';

interface UpdateFlags extends LimitFlags {
  readonly resources?: string;
  readonly l3CacheSchema?: string;
  readonly memBwSchema?: string;
}

export const addUpdate: AddCommand = (program, session) => {
  program
    .command('update')
    .description('update container resource constraints')
    .argument('<container-id>', 'the name of the container')
    .option(
      '-r, --resources <file>',
      "file with the resources as JSON, '-' for the standard input; other options are then ignored",
    )
    .option('--blkio-weight <weight>', 'relative weight of block I/O', parseCount)
    .option('--cpu-period <period>', 'CPU CFS period in microseconds', parseCount)
    .option('--cpu-quota <quota>', 'CPU CFS quota in microseconds within a period', parseLimit)
    .option('--cpu-burst <burst>', 'CPU CFS burst in microseconds within a period', parseCount)
    .option('--cpu-share <shares>', 'CPU shares: relative weight', parseCount)
    .option('--cpu-rt-period <period>', 'CPU realtime period in microseconds', parseCount)
    .option('--cpu-rt-runtime <runtime>', 'CPU realtime runtime in microseconds', parseLimit)
    .option('--cpu-idle <idle>', '1 to run only when nothing else does, or 0', parseCount)
    .option('--cpuset-cpus <list>', 'CPUs to use')
    .option('--cpuset-mems <list>', 'memory nodes to use')
    .option('--memory <bytes>', 'memory limit, -1 for none', parseSize)
    .option('--memory-reservation <bytes>', 'memory reservation or soft limit', parseSize)
    .option('--memory-swap <bytes>', 'limit of memory and swap together, -1 for none', parseSize)
    .option('--pids-limit <count>', 'most processes, -1 for no limit', parseLimit)
    .option('--l3-cache-schema <schema>', 'Intel RDT: L3 cache schema, such as L3:0=f0')
    .option('--mem-bw-schema <schema>', 'Intel RDT: memory bandwidth schema, such as MB:0=70')
    .action(async (id: string, { resources: file, ...flags }: UpdateFlags) => {
      const { store, kernel } = await session().forChange();
      const resources = file === undefined ? resourcesOf(flags) : await readResources(file);
      const schemata = [flags.l3CacheSchema, flags.memBwSchema].filter(
        (line) => line !== undefined,
      );
      const { updateContainer } = await import('../../store/update.ts');
      await updateContainer(store, id, resources, schemata, kernel);
    });
};

async function readResources(file: string): Promise<Resources> {
  const { parseResources } = await import('@oci/spec');
  const standardInput = 0;
  return parseResources(readFileSync(file === '-' ? standardInput : file, 'utf8'));
}
