import { setTimeout as sleep } from 'node:timers/promises';
import { CgroupError, runcOomEvent, runcStatsEvent } from '@oci/cgroups/live';
import { type ContainerCgroup, requireCgroup } from '../store/cgroup.ts';
import type { Container } from '../store/container.ts';
import { ContainerError } from '../store/errors.ts';
import { ContainerRdt } from '../store/intel-rdt.ts';
import type { Session } from './session.ts';

/** What is printed of a container, and where to. */
export interface Observed {
  readonly session: Session;
  readonly container: Container;
  readonly cgroup: ContainerCgroup;
}

/** @throws ContainerError for a container that has stopped, or was given no cgroup */
export async function observe(session: Session, id: string): Promise<Observed> {
  const store = await session.openStore();
  const container = store.load(id);
  if (container.status() === 'stopped')
    throw new ContainerError('WRONG_STATUS', `container with id ${id} is not running`);
  return { session, container, cgroup: requireCgroup(container) };
}

export function printStats({ session, container, cgroup }: Observed): void {
  const { id, directory } = container;
  const rdt = ContainerRdt.of(id, directory)?.statistics();
  session.print(`${runcStatsEvent(id, cgroup.stats(), rdt)}\n`);
}

/**
 * Prints statistics every `interval` milliseconds, and whenever processes run out of memory, until
 * the container has ended.
 */
export async function followEvents(observed: Observed, interval: number): Promise<void> {
  const { session, container, cgroup } = observed;
  const ended = new AbortController();
  const { signal } = ended;
  const watchMemory = async () => {
    for await (const _ of cgroup.oomEvents({ signal }))
      session.print(`${runcOomEvent(container.id)}\n`);
    // The cgroup is gone, and the interval may be long.
    ended.abort();
  };
  const watchUse = async () => {
    while (!signal.aborted && container.status() !== 'stopped') {
      printStats(observed);
      await sleep(interval, undefined, { signal }).catch(() => undefined);
    }
    ended.abort();
  };
  const stop = (error: unknown) => {
    const code = error instanceof CgroupError ? error.code : undefined;
    // Without a memory controller there is still something to count.
    if (code === 'UNSUPPORTED') return;
    ended.abort();
    // A cgroup may go at any time.
    if (code !== 'MISSING') throw error;
  };
  await Promise.all([watchMemory().catch(stop), watchUse().catch(stop)]);
}
