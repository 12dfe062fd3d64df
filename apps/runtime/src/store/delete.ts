import { setTimeout as sleep } from 'node:timers/promises';
import { SIGKILL } from '@oci/kernel';
import { endUnit, isFrozen, readCgroupPath, scopeAt } from './cgroup.ts';
import type { Container } from './container.ts';
import { ContainerError } from './errors.ts';
import { ContainerRdt } from './intel-rdt.ts';
import type { StoreKernel } from './kernel.ts';
import { withContainer } from './lock.ts';
import type { ProcessIdentity } from './processes.ts';
import { signalProcess } from './send.ts';
import type { ContainerStore } from './store.ts';

export interface DeleteOptions {
  /** Delete whatever there is: kill what runs, clean what is half made, ignore what is not there. */
  readonly force?: boolean;
  /** How long a killed container may take to end, in milliseconds. */
  readonly patience?: number;
  /** Told of a state file that could not be read, so that nothing could be killed. */
  readonly onDamage?: (error: ContainerError) => void;
}

/**
 * Deletes a container that has stopped. One that was created and never started is killed, as runc
 * does: containerd counts on it.
 *
 * @throws ContainerError when it runs, or does not exist, unless forced.
 */
export async function deleteContainer(
  store: ContainerStore,
  id: string,
  kernel: StoreKernel,
  options: DeleteOptions = {},
): Promise<void> {
  const { force = false, patience = 10_000 } = options;
  try {
    await withContainer(store, id, kernel, async () => {
      const container = containerToDelete(store, id, options);
      if (container?.init) await end(store, kernel, container, container.init, patience);
      await removeCgroup(store, id, container);
      ContainerRdt.of(id, store.directory(id))?.remove();
      store.remove(id);
    });
  } catch (error) {
    const missing = error instanceof ContainerError && error.code === 'NOT_FOUND';
    if (!(force && missing)) throw error;
  }
}

/**
 * The container, unless its state is damaged.
 *
 * @throws ContainerError when it may not be deleted as it is.
 */
function containerToDelete(
  store: ContainerStore,
  id: string,
  { force = false, onDamage }: DeleteOptions,
): Container | undefined {
  try {
    const container = store.load(id);
    const status = container.status();
    if (!force && status !== 'created' && status !== 'stopped') {
      throw new ContainerError(
        'WRONG_STATUS',
        `cannot delete container ${id} that is not stopped: ${status}`,
      );
    }
    return container;
  } catch (error) {
    if (!(force && error instanceof ContainerError && error.code === 'DAMAGED')) throw error;
    onDamage?.(error);
    return undefined;
  }
}

/**
 * Removes what is left of the container's cgroup. Without a pid namespace of its own its processes
 * outlive the first one, and are killed; else nobody but others can be in there.
 */
async function removeCgroup(
  store: ContainerStore,
  id: string,
  container: Container | undefined,
): Promise<void> {
  const path = readCgroupPath(store.directory(id));
  if (container && !container.file) return removeHalfMade(store, path);
  const { ownPids, systemd } = container?.file ?? {};
  if (systemd) await endUnit(systemd);
  if (path === undefined) return;
  const cgroup = store.cgroupAt(path);
  if (!cgroup.exists()) return;
  if (!ownPids) await cgroup.kill();
  await cgroup.remove();
}

/**
 * Removes what a launcher has made of a cgroup before it was killed. No program has run in it yet, so
 * nobody is killed: it may be another container's, which the launcher had not seen yet.
 */
async function removeHalfMade(store: ContainerStore, path: string | undefined): Promise<void> {
  if (path === undefined) return;
  const cgroup = store.cgroupAt(path);
  const inUse = cgroup.exists() && cgroup.processes().length > 0;
  // systemd keeps a scope whose process had ended before it was put there.
  const scope = inUse ? undefined : scopeAt(path);
  if (scope) await endUnit(scope);
  await cgroup.remove();
}

/** Kills a process and waits until it is gone: with it, if it is the first, its pid namespace. */
async function end(
  store: ContainerStore,
  kernel: StoreKernel,
  { cgroup }: Container,
  process: ProcessIdentity,
  patience: number,
): Promise<void> {
  if (!store.processes.isAlive(process)) return;
  signalProcess(kernel, store.processes, process, SIGKILL);
  // A frozen process does not even die.
  if (cgroup && isFrozen(cgroup)) await cgroup.thaw();
  const deadline = Date.now() + patience;
  for (let pause = 1; store.processes.isAlive(process); pause = Math.min(pause * 2, 50)) {
    if (Date.now() >= deadline) {
      throw new ContainerError('BUSY', 'container init still running');
    }
    await sleep(pause);
  }
}
