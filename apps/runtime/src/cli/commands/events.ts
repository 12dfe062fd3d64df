import { setTimeout as sleep } from 'node:timers/promises';
import { type ContainerCgroup, requireCgroup } from '../../store/cgroup.ts';
import type { Container } from '../../store/container.ts';
import { ContainerError } from '../../store/errors.ts';
import { parseDuration } from '../duration.ts';
import type { Session } from '../session.ts';
import type { AddCommand } from './command.ts';

export const addEvents: AddCommand = (program, session) => {
  program
    .command('events')
    .description(
      'display container events such as OOM notifications, and resource usage statistics',
    )
    .argument('<container-id>', 'the name of the container')
    .option('--interval <duration>', 'how often statistics are displayed', parseDuration, 5000)
    .option('--stats', "display the container's stats then exit", false)
    .action(async (id: string, { interval, stats }: { interval: number; stats: boolean }) => {
      const current = session();
      const container = current.store.load(id);
      if (container.status() === 'stopped')
        throw new ContainerError('WRONG_STATUS', `container with id ${id} is not running`);
      const cgroup = requireCgroup(container);
      if (stats) return printStats(current, container, cgroup);
      await follow(current, container, cgroup, interval);
    });
};

async function printStats(
  session: Session,
  { id, directory }: Container,
  cgroup: ContainerCgroup,
): Promise<void> {
  const { runcStatsEvent } = await import('@oci/cgroups/live');
  const { ContainerRdt } = await import('../../store/intel-rdt.ts');
  const rdt = ContainerRdt.of(id, directory)?.statistics();
  session.print(`${runcStatsEvent(id, cgroup.stats(), rdt)}\n`);
}

/** Until the container has ended. */
async function follow(
  session: Session,
  container: Container,
  cgroup: ContainerCgroup,
  interval: number,
): Promise<void> {
  const { runcOomEvent } = await import('@oci/cgroups/live');
  const ended = new AbortController();
  const watchMemory = async () => {
    for await (const _ of cgroup.oomEvents({ signal: ended.signal }))
      session.print(`${runcOomEvent(container.id)}\n`);
  };
  const watchUse = async () => {
    while (container.status() !== 'stopped') {
      await printStats(session, container, cgroup);
      await sleep(interval);
    }
    ended.abort();
  };
  await Promise.all([watchMemory(), watchUse()]);
}
