import type { Status } from '@oci/spec';
import { type ContainerCgroup, requireCgroup } from './cgroup.ts';
import { ContainerError } from './errors.ts';
import type { StoreKernel } from './kernel.ts';
import { withContainer } from './lock.ts';
import type { ContainerStore } from './store.ts';

/**
 * Stops all processes of a container, until it is resumed.
 *
 * @throws ContainerError when it neither runs nor waits for its start
 */
export function pauseContainer(
  store: ContainerStore,
  id: string,
  kernel: StoreKernel,
): Promise<void> {
  return withContainer(store, id, kernel, async () => {
    const cgroup = requireStatus(store, id, ['running', 'created'], 'not running or created');
    await cgroup.freeze();
  });
}

/** @throws ContainerError when it is not paused */
export function resumeContainer(
  store: ContainerStore,
  id: string,
  kernel: StoreKernel,
): Promise<void> {
  return withContainer(store, id, kernel, async () => {
    const cgroup = requireStatus(store, id, ['paused'], 'not paused');
    await cgroup.thaw();
  });
}

function requireStatus(
  store: ContainerStore,
  id: string,
  wanted: readonly Status[],
  otherwise: string,
): ContainerCgroup {
  const container = store.load(id);
  const status = container.status();
  if (!wanted.includes(status))
    throw new ContainerError('WRONG_STATUS', `container ${otherwise}: ${status}`);
  return requireCgroup(container);
}
