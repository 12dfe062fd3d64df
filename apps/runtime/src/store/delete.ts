import { setTimeout as sleep } from 'node:timers/promises';
import { SIGKILL } from '@oci/kernel';
import { ContainerError } from './errors.ts';
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
      const init = processToKill(store, id, options);
      if (init) await end(store, kernel, init, patience);
      store.remove(id);
    });
  } catch (error) {
    const missing = error instanceof ContainerError && error.code === 'NOT_FOUND';
    if (!(force && missing)) throw error;
  }
}

/** @throws ContainerError when the container may not be deleted as it is. */
function processToKill(
  store: ContainerStore,
  id: string,
  { force = false, onDamage }: DeleteOptions,
): ProcessIdentity | undefined {
  try {
    const container = store.load(id);
    const status = container.status();
    if (status === 'stopped') return undefined;
    if (!force && status !== 'created') {
      throw new ContainerError(
        'WRONG_STATUS',
        `cannot delete container ${id} that is not stopped: ${status}`,
      );
    }
    return container.init;
  } catch (error) {
    if (!(force && error instanceof ContainerError && error.code === 'DAMAGED')) throw error;
    onDamage?.(error);
    return undefined;
  }
}

/** Kills a process and waits until it is gone: with it, if it is the first, its pid namespace. */
async function end(
  store: ContainerStore,
  kernel: StoreKernel,
  process: ProcessIdentity,
  patience: number,
): Promise<void> {
  signalProcess(kernel, store.processes, process, SIGKILL);
  const deadline = Date.now() + patience;
  for (let pause = 1; store.processes.isAlive(process); pause = Math.min(pause * 2, 50)) {
    if (Date.now() >= deadline) {
      throw new ContainerError('BUSY', 'container init still running');
    }
    await sleep(pause);
  }
}
